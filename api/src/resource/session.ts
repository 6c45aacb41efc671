import type { SessionSpec } from './spec.ts';
import type { SessionStatus } from './status.ts';

/** A WhatsAppSession as the API server gives it. */
export interface WhatsAppSession {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: SessionSpec;
  readonly status?: SessionStatus;
}
