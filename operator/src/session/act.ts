import { randomBytes } from 'node:crypto';
import type { KubeClient } from '../kube/client.ts';
import { ApiError, isAlreadyExists, isConflict, isNotFound } from '../kube/errors.ts';
import type { KubeObject, Live } from '../kube/objects.ts';
import { claims, networkPolicies, pods, type Resource, secrets, services } from '../kube/resource.ts';
import { fingerprint } from './canonical.ts';
import type { ChildKind, WriteTarget } from './observed.ts';
import type { Step } from './plan.ts';
import { stepFingerprint } from './plan-children.ts';

/**
 * The effects of a plan: what stands between two steps about the pod at once, the pod's own steps alone and in order.
 *
 * Guarantees: an object is only changed at the version, and only deleted with the UID, that the decision was about; a
 * name that is taken already is read, never overwritten; nothing follows a write that the API server refuses for a
 * cause that a person has to mend, the first of which is returned. Every other failure is thrown.
 */
export interface Acted {
  /** Objects as the API server answered: what caches will hold soon, and what bears a name that was to be given. */
  readonly seen: readonly SeenObject[];
  /** A name was taken already: what bears it is among `seen`, and asks for another decision. */
  readonly nameTaken: boolean;
  readonly apiKeyMade: boolean;
  readonly refused: RefusedWrite | undefined;
}

export interface SeenObject {
  readonly child: ChildKind;
  readonly object: Live<KubeObject>;
  readonly wasThere?: boolean;
}

export interface RefusedWrite {
  readonly target: WriteTarget;
  readonly fingerprint: string;
  readonly error: ApiError;
}

export interface ActContext {
  readonly client: KubeClient;
  readonly signal: AbortSignal;
}

const resources: Readonly<Record<ChildKind, Resource<KubeObject>>> = {
  pod: pods,
  claim: claims,
  service: services,
  networkPolicy: networkPolicies,
};

export async function act(steps: readonly Step[], context: ActContext): Promise<Acted> {
  const seen: SeenObject[] = [];
  let apiKeyMade = false;
  for (const batch of batchesOf(steps)) {
    const results = await Promise.allSettled(batch.map((step) => perform(step, context)));
    const failed: { readonly step: Step; readonly error: unknown }[] = [];
    for (const [index, step] of batch.entries()) {
      const result = results[index];
      if (result?.status !== 'fulfilled') failed.push({ step, error: result?.reason });
      else if (result.value !== undefined) seen.push(result.value);
      else apiKeyMade ||= step.kind === 'create-api-key';
    }
    const refused = failed.map(({ step, error }) => refusalOf(step, error))[0];
    if (refused !== undefined) return { seen, nameTaken: isTaken(seen), apiKeyMade, refused };
  }
  return { seen, nameTaken: isTaken(seen), apiKeyMade, refused: undefined };
}

const isAboutPod = (step: Step): boolean =>
  step.kind === 'delete-pod' || (step.kind !== 'create-api-key' && step.child === 'pod');

/** Steps that may be taken at once. A pod begins when everything that it needs is there, its policy above all. */
function batchesOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const batches: Step[][] = [];
  for (const [index, step] of steps.entries()) {
    const before = steps[index - 1];
    const batch = batches.at(-1);
    if (batch === undefined || before === undefined || isAboutPod(step) || isAboutPod(before))
      batches.push([step]);
    else batch.push(step);
  }
  return batches;
}

/** What a failure is if a person has to mend it. Throws every other one. */
function refusalOf(step: Step, error: unknown): RefusedWrite {
  if (!(error instanceof ApiError) || !isRefusal(error) || step.kind === 'delete-pod') throw error;
  return { ...refusedTarget(step), error };
}

const isTaken = (seen: readonly SeenObject[]): boolean => seen.some(({ wasThere }) => wasThere);

/**
 * Asks the API server whether it would take the successor of a pod that is to be ended, without storing it. A quota
 * that only the two of them together exceed is no refusal.
 */
export async function preflight(
  steps: readonly Step[],
  context: ActContext,
): Promise<RefusedWrite | undefined> {
  const successor = steps.find((step) => step.kind === 'delete-pod')?.successor;
  if (successor === undefined) return undefined;
  try {
    await context.client.create(pods, successor, { dryRun: true, signal: context.signal });
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    if (!(error instanceof ApiError) || !isRefusal(error)) throw error;
    if (/exceeded quota/i.test(error.message)) return undefined;
    return { target: 'pod', fingerprint: fingerprint(successor), error };
  }
  return undefined;
}

async function perform(step: Step, context: ActContext): Promise<SeenObject | undefined> {
  switch (step.kind) {
    case 'create':
      return await createChild(step, context);
    case 'create-api-key':
      await createApiKey(step, context);
      return undefined;
    case 'update':
      return await updateChild(step, context);
    case 'delete-pod':
      await deletePod(step, context);
      return undefined;
  }
}

async function createChild(
  step: Extract<Step, { kind: 'create' }>,
  { client, signal }: ActContext,
): Promise<SeenObject> {
  const resource = resources[step.child];
  try {
    return { child: step.child, object: await client.create(resource, step.object, { signal }) };
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const object = await client.get(resource, step.object.metadata, { signal });
    return { child: step.child, object, wasThere: true };
  }
}

/** A Secret of this name that is there already is used as it is: it may be ours, and nobody may look. */
async function createApiKey(
  step: Extract<Step, { kind: 'create-api-key' }>,
  { client, signal }: ActContext,
): Promise<void> {
  try {
    await client.create(secrets, step.build(randomBytes(32).toString('base64url')), { signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

async function updateChild(
  step: Extract<Step, { kind: 'update' }>,
  { client, signal }: ActContext,
): Promise<SeenObject> {
  const { metadata } = step.object;
  const patched = step.patch['metadata'] as object | undefined;
  const body = {
    ...step.patch,
    metadata: { ...patched, uid: metadata.uid, resourceVersion: metadata.resourceVersion },
  };
  const object = await client.patch(resources[step.child], metadata, { type: 'merge', body }, { signal });
  return { child: step.child, object };
}

/** Gone already, or replaced by another of its name: either way there is nothing left to end. */
async function deletePod(
  { pod }: Extract<Step, { kind: 'delete-pod' }>,
  { client, signal }: ActContext,
): Promise<void> {
  try {
    await client.delete(pods, pod.metadata, { uid: pod.metadata.uid }, { signal });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}

/** Forbidden by admission, quota or rights, or invalid: the same request fails until somebody changes something. */
const isRefusal = ({ code }: ApiError): boolean =>
  code === 400 || code === 403 || code === 405 || code === 422;

function refusedTarget(step: Exclude<Step, { kind: 'delete-pod' }>): {
  readonly target: WriteTarget;
  readonly fingerprint: string;
} {
  switch (step.kind) {
    case 'create':
    case 'update':
      return { target: step.child, fingerprint: stepFingerprint(step) };
    case 'create-api-key':
      return { target: 'apiKeySecret', fingerprint: step.fingerprint };
  }
}
