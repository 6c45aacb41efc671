import { sessionState } from '@whatsapp-operator/api/session';
import { z } from 'zod';

/**
 * What the operator reads of a session pod's `/status`. Fields that it does not know are let through: a newer session
 * image may run under an older operator.
 */
export const pulledStatus = z.object({
  state: sessionState,
  reason: z.string().catch('unknown'),
  detail: z.string().catch(''),
  account: z
    .object({ id: z.string(), name: z.string().nullish(), platform: z.string().nullish() })
    .nullish()
    .catch(undefined),
  versions: z
    .object({
      engine: z.string().nullish(),
      browser: z.string().nullish(),
      whatsappWeb: z.string().nullish(),
    })
    .nullish()
    .catch(undefined),
  connectedSince: z.string().nullish().catch(undefined),
  lastDisconnect: z.object({ reason: z.string(), at: z.string() }).nullish().catch(undefined),
  registrationDurable: z.boolean().catch(false),
});
export type PulledStatus = z.infer<typeof pulledStatus>;
