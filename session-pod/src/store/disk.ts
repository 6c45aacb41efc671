import { statfsSync } from 'node:fs';

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
}

/** How much may still be taken by what is new; negative when the reserve is already in use. */
export const spendableBytes = ({ reserveBytes, free }: DiskReserve): number => free() - reserveBytes;

/** 32 MiB: the browser writes to the same volume, and the queue has to drain beside it. */
export const DEFAULT_RESERVE_BYTES = 32 * 2 ** 20;
