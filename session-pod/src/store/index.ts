export {
  type AckLabel,
  type CounterFamily,
  type CounterName,
  Counters,
  counterDefinitions,
  type HistogramName,
  type RetryReason,
} from './counters.ts';
export { type LastDisconnect, Store, type StoreOptions } from './store.ts';
