import type { Condition, ReadyReason, SessionStatus } from '@whatsapp-operator/api/resource';

/** What is worth an Event between two statuses: changes, never states that go on. */
export interface SessionEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly note: string;
}

/** Reasons that tell of an ordinary start or of what a person did: no Event says more than the condition. */
const QUIET: readonly ReadyReason[] = [
  'PodStarting',
  'BrowserStarting',
  'Syncing',
  'PodTerminating',
  'PredecessorTerminating',
  'NotReady',
  'SessionStopped',
  'Paused',
  'StorageNotReady',
];

const NORMAL: readonly ReadyReason[] = ['Connected', 'PairingRequired', 'Suspended'];

/** Events of one status write. */
export function eventsBetween(
  before: SessionStatus | undefined,
  after: SessionStatus,
): readonly SessionEvent[] {
  return [...readyEvents(before, after), ...storageEvents(before, after), ...updateEvents(before, after)];
}

function readyEvents(before: SessionStatus | undefined, after: SessionStatus): readonly SessionEvent[] {
  const ready = conditionOf(after, 'Ready');
  if (ready === undefined || conditionOf(before, 'Ready')?.reason === ready.reason) return [];
  const reason = ready.reason as ReadyReason;
  if (QUIET.includes(reason)) return [];
  const type = NORMAL.includes(reason) ? 'Normal' : 'Warning';
  return [{ type, reason, action: 'Observe', note: ready.message }];
}

/** A volume that was there and is not, or that was refused. A claim that waits for its pod is how volumes begin. */
function storageEvents(before: SessionStatus | undefined, after: SessionStatus): readonly SessionEvent[] {
  const storage = conditionOf(after, 'StorageReady');
  if (storage === undefined || conditionOf(before, 'StorageReady')?.reason === storage.reason) return [];
  if (
    !['VolumeLost', 'ClaimTerminating', 'ResizeRefused', 'ClaimRefused', 'ClaimDiffers'].includes(
      storage.reason,
    )
  )
    return [];
  return [{ type: 'Warning', reason: storage.reason, action: 'Observe', note: storage.message }];
}

function updateEvents(before: SessionStatus | undefined, after: SessionStatus): readonly SessionEvent[] {
  const update = conditionOf(after, 'Updating');
  const earlier = conditionOf(before, 'Updating');
  if (update === undefined || (earlier?.reason === update.reason && earlier.status === update.status))
    return [];
  if (update.reason === 'WaitingForTurn') return [];
  const type = update.reason === 'ReplacingPod' ? 'Normal' : 'Warning';
  return [{ type, reason: update.reason, action: 'ReplacePod', note: update.message }];
}

const conditionOf = (status: SessionStatus | undefined, type: Condition['type']): Condition | undefined =>
  status?.conditions?.find((condition) => condition.type === type);
