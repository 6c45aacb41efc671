export {
  type AckLabel,
  type CounterFamily,
  type CounterName,
  Counters,
  counterDefinitions,
  type HistogramName,
} from './counters.ts';
export { sizeBytes } from './disk.ts';
export { type LastDisconnect, Store, type StoreOptions } from './store.ts';
