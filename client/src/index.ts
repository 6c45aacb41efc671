export {
  type ConnectOptions,
  type DirectoryOptions,
  type MessageFilter,
  type SendOptions,
  WhatsAppClient,
} from './client.ts';
export type { Content, FileSource, SendDetails } from './content.ts';
export {
  type ClientErrorCode,
  type ErrorCode,
  type ErrorDetails,
  type ErrorKind,
  WhatsAppError,
} from './errors.ts';
export type * from './generated/contract.ts';
export type { RetryPolicy } from './http/retry.ts';
export type { CallOptions, Fetch, RetryEvent } from './http/transport.ts';
export type { ClientOptions } from './settings.ts';
export type { MessageGoal, WaitOptions } from './wait.ts';
