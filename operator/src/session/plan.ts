import type {
  KubeObject,
  Live,
  NetworkPolicy,
  PersistentVolumeClaim,
  Secret,
  Service,
} from '../kube/objects.ts';
import type { Pod } from '../kube/pod.ts';
import type { ChildKind } from './observed.ts';

/** One effect. Steps are done in order; each is safe to repeat. */
export type Step =
  | { readonly kind: 'create'; readonly child: ChildKind; readonly object: ChildObject }
  /** The key is made at the moment of the write: a decision holds no secrets. */
  | { readonly kind: 'create-api-key'; readonly build: (key: string) => Secret; readonly fingerprint: string }
  /** A merge patch of an object that is ours, if it is still the version that was looked at. */
  | {
      readonly kind: 'update';
      readonly child: ChildKind;
      readonly object: Live<KubeObject>;
      readonly patch: Readonly<Record<string, unknown>>;
    }
  /**
   * Ends a pod in order. With `successor`, only after the API server has said that it would take that one: a template
   * which it refuses never ends a session that runs.
   */
  | { readonly kind: 'delete-pod'; readonly pod: Live<Pod>; readonly why: string; readonly successor?: Pod };

export type ChildObject = PersistentVolumeClaim | Service | NetworkPolicy | Pod;
