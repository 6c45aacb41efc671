import { durationMs } from '@whatsapp-operator/api/resource';
import { z } from 'zod';
import type { NetworkPolicy, NetworkPolicyPeer } from './kube/objects.ts';
import type { EnvVar } from './kube/pod.ts';
import type { SessionSettings } from './session/session-settings.ts';

/** Everything that a start of the operator can be told, by environment variables. */
export interface Settings {
  /** Namespaces whose sessions are looked after; none means all. WATCH_NAMESPACES, separated by commas. */
  readonly namespaces: readonly string[];
  /** Port of /healthz, /readyz and /metrics. HEALTH_PORT, default 8080; 0 takes a free one. */
  readonly healthPort: number;
  /** Sessions that are worked on at once. WORKERS, default 16. */
  readonly workers: number;
  /** Undefined for an operator that runs alone: LEADER_ELECTION=false. */
  readonly election: { readonly namespace: string; readonly name: string } | undefined;
  /** LOG_LEVEL, default info. */
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** Of the operator, for its metrics: OPERATOR_VERSION, which the chart sets to the tag of the image. */
  readonly version: string;
  readonly sessions: SessionSettings;
}

/** The settings are wrong; the message names every variable that is. */
export class SettingsError extends Error {
  readonly code = 'settings_invalid';
  readonly class = 'terminal';
}

const whole = (fallback: number, least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .default(String(fallback))
    .transform(Number)
    .pipe(z.number().min(least).max(most));

const list = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((part) => part.trim()))
  .transform((parts) => parts.filter((part) => part !== ''))
  .pipe(
    z.array(
      z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be names of namespaces, separated by commas'),
    ),
  );

const duration = (fallback: string, least: string, most: string) =>
  z
    .string()
    .default(fallback)
    .transform(durationMs)
    .refine(
      (ms) => ms >= durationMs(least) && ms <= durationMs(most),
      `must be a duration from ${least} to ${most}`,
    );

/** A JSON list, as a chart writes parts of a NetworkPolicy. */
const jsonList = <T>() =>
  z.string().transform((text, context): readonly T[] => {
    try {
      const value: unknown = JSON.parse(text);
      if (Array.isArray(value)) return value as readonly T[];
    } catch {
      // Told below.
    }
    context.addIssue({ code: 'custom', message: 'must be a JSON list' });
    return z.NEVER;
  });

const environmentSchema = z.object({
  /** Image of sessions that name none. */
  SESSION_IMAGE: z.string({ error: 'is required: the image of sessions that name none' }).min(1),
  /** The same for sessions with browser flavor Chromium; like SESSION_IMAGE when not set. */
  SESSION_IMAGE_CHROMIUM: z.string().min(1).optional(),
  /** Variables of every session's container: [{"name": …, "value": …}]. Those of a session's own template win. */
  SESSION_ENV: jsonList<EnvVar>().default([]),
  WATCH_NAMESPACES: list,
  HEALTH_PORT: whole(8080, 0, 65_535),
  WORKERS: whole(16, 1, 256),
  LEADER_ELECTION: z.stringbool({ error: 'must be true or false' }).default(true),
  /** Set by the chart from the pod's own fields. */
  POD_NAMESPACE: z.string().min(1).optional(),
  LEASE_NAME: z.string().min(1).default('whatsapp-operator'),
  OPERATOR_VERSION: z.string().default(''),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** Sessions that may be on their way back from a replacement at once, in the whole cluster. */
  MAX_UPDATING: whole(5, 1, 1000),
  UPDATE_TIMEOUT: duration('5m', '10s', '24h'),
  /** Who reaches the API of sessions: NetworkPolicyPeers. Nobody for []. */
  NETWORK_API_FROM: jsonList<NetworkPolicyPeer>().default([{ namespaceSelector: {} }]),
  /** Who reaches health and metrics beside the operator's own namespace, such as Prometheus. */
  NETWORK_HEALTH_FROM: jsonList<NetworkPolicyPeer>().default([]),
  /** Egress rules beyond DNS and HTTPS, such as to a sandbox. */
  NETWORK_EXTRA_EGRESS: jsonList<NonNullable<NetworkPolicy['spec']['egress']>[number]>().default([]),
});

/** Reads the settings; an empty variable counts as not set. Throws {@link SettingsError} with every mistake. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = environmentSchema.safeParse(given);
  if (!result.success) {
    const mistakes = result.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new SettingsError(`the settings are wrong:\n${mistakes.join('\n')}`);
  }
  const read = result.data;
  const own = read.POD_NAMESPACE;
  return {
    namespaces: read.WATCH_NAMESPACES,
    healthPort: read.HEALTH_PORT,
    workers: read.WORKERS,
    election: read.LEADER_ELECTION ? { namespace: own ?? 'default', name: read.LEASE_NAME } : undefined,
    logLevel: read.LOG_LEVEL,
    version: read.OPERATOR_VERSION,
    sessions: {
      defaultImage: read.SESSION_IMAGE,
      ...(read.SESSION_IMAGE_CHROMIUM === undefined ? {} : { chromiumImage: read.SESSION_IMAGE_CHROMIUM }),
      environment: read.SESSION_ENV,
      maxUpdating: read.MAX_UPDATING,
      updateTimeoutMs: read.UPDATE_TIMEOUT,
      network: {
        apiFrom: read.NETWORK_API_FROM,
        // Outside of the cluster the operator is no pod that a policy could name.
        healthFrom: own === undefined ? undefined : [namespaceOf(own), ...read.NETWORK_HEALTH_FROM],
        extraEgress: read.NETWORK_EXTRA_EGRESS,
      },
    },
  };
}

const namespaceOf = (name: string): NetworkPolicyPeer => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});
