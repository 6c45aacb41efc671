import type { Condition, ConditionType } from '@whatsapp-operator/api/resource';

/** A condition before it is known when its status changed. */
export interface Judgement {
  readonly type: ConditionType;
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
  /** Only for a condition that goes on being about an earlier generation. */
  readonly observedGeneration?: number | undefined;
}

/** The conditions after these judgements; a transition time stays while the status does. */
export function conditionsAfter(
  before: readonly Condition[] | undefined,
  judgements: readonly Judgement[],
  generation: number,
  now: number,
): Condition[] {
  return judgements.map(({ type, status, reason, message, observedGeneration }) => {
    const earlier = before?.find((condition) => condition.type === type);
    const lastTransitionTime = earlier?.status === status ? earlier.lastTransitionTime : timestamp(now);
    return {
      type,
      status,
      reason,
      message: message.slice(0, 1024),
      lastTransitionTime,
      observedGeneration: observedGeneration ?? generation,
    };
  });
}

/** RFC 3339 in whole seconds, as metav1.Time has it. */
export const timestamp = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
