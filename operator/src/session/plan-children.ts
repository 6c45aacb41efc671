import { quantityValue } from '@whatsapp-operator/api/resource';
import type { KubeObject, Live, NetworkPolicy, PersistentVolumeClaim, Service } from '../kube/objects.ts';
import { covers, fingerprint } from './canonical.ts';
import { buildApiKeySecret } from './children/api-key.ts';
import { buildClaim } from './children/claim.ts';
import { buildNetworkPolicy } from './children/network-policy.ts';
import { buildService } from './children/service.ts';
import { apiKeySecretName, ownerReference } from './names.ts';
import type { ChildKind, Observed, Refusal, WriteTarget } from './observed.ts';
import { ownershipOf } from './ownership.ts';
import type { Step } from './plan.ts';
import type { SessionSettings } from './session-settings.ts';

/** What keeps a child from being what it should be, and is not for the operator to remove. */
export type Obstacle =
  | { readonly kind: 'foreign'; readonly child: ChildKind; readonly why: string }
  | { readonly kind: 'predecessor'; readonly child: ChildKind }
  | { readonly kind: 'terminating'; readonly child: ChildKind }
  | { readonly kind: 'refused'; readonly child: WriteTarget; readonly refusal: Refusal };

export interface ChildrenPlan {
  readonly steps: readonly Step[];
  readonly obstacles: readonly Obstacle[];
}

/** Everything but the pod, in the order in which the pod needs it. */
export function planChildren(observed: Observed, settings: SessionSettings, now: number): ChildrenPlan {
  const { session, claim, service, networkPolicy } = observed;
  const parts = [
    planChild(observed, 'claim', claim, buildClaim(session), claimPatch, now),
    planApiKey(observed, now),
    planChild(observed, 'service', service, buildService(session), driftPatch, now),
    planChild(
      observed,
      'networkPolicy',
      networkPolicy,
      buildNetworkPolicy(session, settings.network),
      driftPatch,
      now,
    ),
  ];
  return {
    steps: parts.flatMap(({ steps }) => steps),
    obstacles: parts.flatMap(({ obstacles }) => obstacles),
  };
}

const nothing: ChildrenPlan = { steps: [], obstacles: [] };
const obstacle = (found: Obstacle): ChildrenPlan => ({ steps: [], obstacles: [found] });

/** The patch that makes an object what it should be; undefined when it is. */
type Drift<T extends KubeObject> = (actual: Live<T>, desired: T, observed: Observed) => Patch | undefined;
type Patch = Readonly<Record<string, unknown>>;

function planChild<T extends PersistentVolumeClaim | Service | NetworkPolicy>(
  observed: Observed,
  child: Exclude<ChildKind, 'pod'>,
  actual: Live<T> | undefined,
  desired: T,
  drift: Drift<T>,
  now: number,
): ChildrenPlan {
  if (actual === undefined) return unlessRefused(observed, { kind: 'create', child, object: desired }, now);
  const ownership = ownershipOf(actual, observed.session);
  if (ownership.kind === 'foreign') return obstacle({ kind: 'foreign', child, why: ownership.why });
  if (ownership.kind === 'predecessor') return obstacle({ kind: 'predecessor', child });
  if (actual.metadata.deletionTimestamp !== undefined) return obstacle({ kind: 'terminating', child });
  const patch = drift(actual, desired, observed);
  if (patch === undefined) return nothing;
  return unlessRefused(observed, { kind: 'update', child, object: actual, patch }, now);
}

/** A write that was refused is not repeated before its time, unless it is another one now. */
function unlessRefused(
  observed: Observed,
  step: Extract<Step, { kind: 'create' | 'update' }>,
  now: number,
): ChildrenPlan {
  const refusal = standingRefusal(observed, step.child, stepFingerprint(step));
  if (refusal === undefined) return { steps: [step], obstacles: [] };
  const refused: Obstacle = { kind: 'refused', child: step.child, refusal };
  return { steps: now >= refusal.retryAt ? [step] : [], obstacles: [refused] };
}

/** What a refusal is remembered by: the content, without the version of the object that it was for. */
export const stepFingerprint = (step: Extract<Step, { kind: 'create' | 'update' }>): string =>
  fingerprint(step.kind === 'create' ? step.object : { ...step.patch, uid: step.object.metadata.uid });

export function standingRefusal(
  observed: Observed,
  target: WriteTarget,
  content: string,
): Refusal | undefined {
  const refusal = observed.refusals[target];
  return refusal?.fingerprint === content ? refusal : undefined;
}

/** Made once, and again only when the kubelet says that it is gone: then no pod could start any more. */
function planApiKey(observed: Observed, now: number): ChildrenPlan {
  const { session, trouble } = observed;
  const name = apiKeySecretName(session.metadata.name);
  if (session.spec.apiKeySecretRef !== undefined) return nothing;
  const missing = trouble?.message.includes(`secret "${name}" not found`) ?? false;
  if (session.status?.apiKeySecret === name && !missing) return nothing;
  const content = fingerprint({ name, uid: session.metadata.uid });
  const refusal = standingRefusal(observed, 'apiKeySecret', content);
  const step: Step = {
    kind: 'create-api-key',
    build: (key) => buildApiKeySecret(session, key),
    fingerprint: content,
  };
  if (refusal === undefined) return { steps: [step], obstacles: [] };
  return {
    steps: now >= refusal.retryAt ? [step] : [],
    obstacles: [{ kind: 'refused', child: 'apiKeySecret', refusal }],
  };
}

/** Labels and owner of an object that has to be ours; undefined when both are right. */
export function identityPatch(
  actual: Live<KubeObject>,
  desired: KubeObject,
  { session }: Observed,
): Patch | undefined {
  const owners = actual.metadata.ownerReferences ?? [];
  const owned = owners.some(({ uid }) => uid === session.metadata.uid);
  const wanted = desired.metadata.ownerReferences !== undefined;
  const patch = {
    ...(covers(actual.metadata.labels, desired.metadata.labels) ? {} : { labels: desired.metadata.labels }),
    ...(wanted && !owned ? { ownerReferences: [...owners, ownerReference(session)] } : {}),
    ...(!wanted && owned
      ? { ownerReferences: owners.filter(({ uid }) => uid !== session.metadata.uid) }
      : {}),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** A claim only ever grows; class and mode stay what they are. */
function claimPatch(
  actual: Live<PersistentVolumeClaim>,
  desired: PersistentVolumeClaim,
  observed: Observed,
): Patch | undefined {
  const metadata = identityPatch(actual, desired, observed);
  const asked = desired.spec.resources?.requests?.['storage'] ?? '0';
  const has = actual.spec.resources?.requests?.['storage'] ?? '0';
  const grows = quantityValue(asked) > quantityValue(has) && actual.status?.phase === 'Bound';
  if (metadata === undefined && !grows) return undefined;
  return {
    ...(metadata === undefined ? {} : { metadata }),
    ...(grows ? { spec: { resources: { requests: { storage: asked } } } } : {}),
  };
}

/** The whole spec, whenever anything of it was changed by somebody else. */
function driftPatch<T extends Service | NetworkPolicy>(
  actual: Live<T>,
  desired: T,
  observed: Observed,
): Patch | undefined {
  const metadata = identityPatch(actual, desired, observed);
  const same = covers(actual.spec, desired.spec);
  if (metadata === undefined && same) return undefined;
  return { ...(metadata === undefined ? {} : { metadata }), ...(same ? {} : { spec: desired.spec }) };
}
