import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** Who is answering: tells one pod from another and one start of a container from the next. */
export type Identity = {
  readonly hostname: string;
  readonly pid: number;
  /** Random at each start of the process. */
  readonly bootId: string;
  readonly uid: number;
  readonly gid: number;
};

/** The identity of this process. */
export function createIdentity(): Identity {
  return {
    hostname: hostname(),
    pid: process.pid,
    bootId: randomUUID(),
    uid: process.geteuid?.() ?? -1,
    gid: process.getegid?.() ?? -1,
  };
}
