import { statfsSync } from 'node:fs';
import { mayMeanNoRoom } from './sqlite-error.ts';

/** How much of the volume unprivileged processes may still take. Bytes. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** The size of the volume, what is reserved for root included. Bytes. */
export function sizeBytes(folder: string): number {
  const { blocks, bsize } = statfsSync(folder);
  return blocks * bsize;
}

/** Below this, new messages and files are refused, so that what is accepted can still be brought to its end. */
export interface DiskReserve {
  readonly reserveBytes: number;
  readonly free: () => number;
  /** Makes room for the database after a write found none; false when there is nothing left to give up. */
  readonly relieve?: () => boolean;
}

/** Whether an error, or what caused it, says that a volume is full. */
export function tellsOfNoRoom(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')) return true;
    if ('code' in cause && cause.code === 'storage_full') return true;
    if (mayMeanNoRoom(cause)) return true;
  }
  return false;
}

/** How much may still be taken by what is new; negative when the reserve is already in use. */
export const spendableBytes = ({ reserveBytes, free }: DiskReserve): number => free() - reserveBytes;

/** 32 MiB: the browser writes to the same volume, and the queue has to drain beside it. */
export const DEFAULT_RESERVE_BYTES = 32 * 2 ** 20;
