import {
  annotations,
  type SessionSpec,
  sessionSpec,
  type WhatsAppSession,
} from '@whatsapp-operator/api/resource';
import type { KubeObject, Live } from '../kube/objects.ts';
import { canonicalJson } from './canonical.ts';
import { apiKeySecretName, generatedKeyName, inputsAnnotation } from './names.ts';

/**
 * What of a session decides what its pod is, written on the pod when it is made.
 *
 * Guarantees: a pod is judged by what the session asks for now against what it asked for then, never by how this
 * version of the operator would build it. So neither a new builder, nor a new default image, nor a new field with a
 * default replaces a pod that runs.
 */
export interface PodInputs {
  readonly image: string;
  /** Whether the session named the image itself. */
  readonly imageNamed: boolean;
  readonly imagePullPolicy: SessionSpec['imagePullPolicy'];
  readonly pairing: SessionSpec['pairing'];
  readonly sending: SessionSpec['sending'];
  readonly apiKeySecretRef: { readonly name: string; readonly key: string };
  readonly browser: SessionSpec['browser'];
  readonly proxy?: SessionSpec['proxy'];
  readonly resources: SessionSpec['resources'];
  readonly podTemplate?: SessionSpec['podTemplate'];
  /** Value of the restart annotation. */
  readonly restartAt?: string;
}

/** The inputs of a pod made now; `image` is used when the session names none. */
export function podInputs(session: WhatsAppSession, image: string): PodInputs {
  const { spec, metadata } = session;
  const restartAt = metadata.annotations?.[annotations.restartAt];
  return {
    image: spec.image ?? image,
    imageNamed: spec.image !== undefined,
    imagePullPolicy: spec.imagePullPolicy,
    pairing: spec.pairing,
    sending: spec.sending,
    apiKeySecretRef: spec.apiKeySecretRef ?? { name: apiKeySecretName(metadata.name), key: generatedKeyName },
    browser: spec.browser,
    ...(spec.proxy === undefined ? {} : { proxy: spec.proxy }),
    resources: spec.resources,
    ...(spec.podTemplate === undefined ? {} : { podTemplate: spec.podTemplate }),
    ...(restartAt === undefined ? {} : { restartAt }),
  };
}

/** The inputs that a pod was made from; undefined when they cannot be read. */
export function recordedInputs(pod: Live<KubeObject>): PodInputs | undefined {
  try {
    const parsed: unknown = JSON.parse(pod.metadata.annotations?.[inputsAnnotation] ?? '');
    return typeof parsed === 'object' && parsed !== null ? (parsed as PodInputs) : undefined;
  } catch {
    return undefined;
  }
}

/** Why a pod is not the one that its session asks for now. */
export type Replacement =
  | { readonly reason: 'RestartRequested'; readonly message: string }
  | { readonly reason: 'SpecChanged'; readonly message: string };

/**
 * Whether the pod has to be replaced, and for which field. A restart annotation that was taken away asks for nothing.
 */
export function needsReplacement(
  recorded: PodInputs | undefined,
  session: WhatsAppSession,
): Replacement | undefined {
  if (recorded === undefined)
    return { reason: 'SpecChanged', message: `the pod's annotation ${inputsAnnotation} cannot be read` };
  const desired = podInputs(session, recorded.image);
  if (desired.restartAt !== undefined && desired.restartAt !== recorded.restartAt)
    return {
      reason: 'RestartRequested',
      message: `a restart was asked for (${annotations.restartAt}: ${desired.restartAt})`,
    };
  if (desired.imageNamed ? desired.image !== recorded.image : recorded.imageNamed)
    return { reason: 'SpecChanged', message: 'spec.image changed' };
  const path = firstDifference(templateOf(recorded), templateOf(desired), defaults, 'spec');
  return path === undefined ? undefined : { reason: 'SpecChanged', message: `${path} changed` };
}

const defaults: unknown = sessionSpec.parse({});

function templateOf(inputs: PodInputs): Readonly<Record<string, unknown>> {
  const { image: _image, imageNamed: _named, restartAt: _restart, ...template } = inputs;
  return template;
}

/** Path of the first field that differs. A field of which the pod knows nothing counts only beside its default. */
function firstDifference(
  recorded: unknown,
  desired: unknown,
  byDefault: unknown,
  path: string,
): string | undefined {
  if (recorded === undefined && desired !== undefined && canonicalJson(desired) === canonicalJson(byDefault))
    return undefined;
  if (isEmpty(recorded) && isEmpty(desired)) return undefined;
  if (!isRecord(recorded) || !isRecord(desired))
    return canonicalJson(recorded) === canonicalJson(desired) ? undefined : path;
  for (const key of [...new Set([...Object.keys(recorded), ...Object.keys(desired)])].sort()) {
    const below = isRecord(byDefault) ? byDefault[key] : undefined;
    const found = firstDifference(recorded[key], desired[key], below, `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Nothing in it, at any depth: what is left in a spec when the only field of a part is taken away. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  (Array.isArray(value) && value.length === 0) ||
  (isRecord(value) && Object.values(value).every(isEmpty));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
