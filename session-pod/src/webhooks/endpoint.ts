import type { EventType } from '@whatsapp-operator/api/session';
import type { Failing } from './judge.ts';

/** A webhook as it is stored. */
export interface Endpoint {
  readonly id: string;
  readonly source: 'settings' | 'api';
  readonly url: string;
  /** Undefined is all. */
  readonly events: readonly EventType[] | undefined;
  readonly secrets: readonly string[];
  readonly enabled: boolean;
  readonly disabledReason: string | undefined;
  /** The event after which it began. */
  readonly beginsAfter: number;
  /** Everything up to this event is done. */
  readonly deliveredTo: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** An event that was tried and is not delivered. */
export interface FailedEvent extends Failing {
  readonly event: number;
  readonly chat: string;
  readonly state: 'retrying' | 'dead' | 'redriving';
  readonly nextAt: number;
  readonly detail: string;
}
