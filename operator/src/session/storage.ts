import { quantityValue, type WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { Live, PersistentVolumeClaim } from '../kube/objects.ts';
import type { Trouble } from './observed.ts';
import type { Obstacle } from './plan-children.ts';

/** What the condition StorageReady says. */
export interface StorageVerdict {
  readonly status: 'True' | 'False';
  readonly reason:
    | 'NameTaken'
    | 'ClaimRefused'
    | 'ClaimMissing'
    | 'ClaimTerminating'
    | 'VolumeLost'
    | 'WaitingForPod'
    | 'ClaimPending'
    | 'ResizeRefused'
    | 'Resizing'
    | 'ClaimDiffers'
    | 'Bound';
  readonly message: string;
}

const no = (reason: StorageVerdict['reason'], message: string): StorageVerdict => ({
  status: 'False',
  reason,
  message,
});
const yes = (reason: StorageVerdict['reason'], message: string): StorageVerdict => ({
  status: 'True',
  reason,
  message,
});

export function storageVerdict(
  session: WhatsAppSession,
  claim: Live<PersistentVolumeClaim> | undefined,
  obstacles: readonly Obstacle[],
  trouble: Trouble | undefined,
): StorageVerdict {
  const obstacle = obstacles.find(({ child }) => child === 'claim');
  if (obstacle?.kind === 'foreign')
    return no('NameTaken', `a claim of this name is not this session's: ${obstacle.why}`);
  if (claim === undefined)
    return obstacle?.kind === 'refused'
      ? no('ClaimRefused', obstacle.refusal.message)
      : no('ClaimMissing', 'the claim is about to be made');
  if (claim.metadata.deletionTimestamp !== undefined)
    return no(
      'ClaimTerminating',
      'the claim is being deleted, which ends when its pod ends; the account goes with it',
    );
  switch (claim.status?.phase) {
    case 'Lost':
      return no(
        'VolumeLost',
        `the volume ${claim.spec.volumeName ?? ''} of the claim is gone. Restore it, or delete the claim and link the account anew`,
      );
    case 'Bound':
      return bound(session, claim, obstacle);
    default:
      return pending(claim, trouble);
  }
}

function pending(claim: Live<PersistentVolumeClaim>, trouble: Trouble | undefined): StorageVerdict {
  if (trouble?.uid !== claim.metadata.uid)
    return no('ClaimPending', 'the claim waits for a volume, or for its pod to get a node');
  return trouble.reason === 'WaitForFirstConsumer' || trouble.reason === 'WaitForPodScheduled'
    ? no('WaitingForPod', trouble.message)
    : no(
        'ClaimPending',
        `${trouble.reason}: ${trouble.message}. Look at spec.storage.storageClassName and its provisioner`,
      );
}

function bound(
  { spec: { storage } }: WhatsAppSession,
  claim: Live<PersistentVolumeClaim>,
  obstacle: Obstacle | undefined,
): StorageVerdict {
  if (obstacle?.kind === 'refused')
    return yes('ResizeRefused', `the claim stays as it is: ${obstacle.refusal.message}`);
  const differs = [
    storage.storageClassName !== undefined && storage.storageClassName !== claim.spec.storageClassName
      ? `storage class ${claim.spec.storageClassName ?? 'none'}`
      : '',
    claim.spec.accessModes?.includes(storage.accessMode)
      ? ''
      : `access mode ${claim.spec.accessModes?.join(', ')}`,
  ].filter((part) => part !== '');
  if (differs.length > 0)
    return yes('ClaimDiffers', `the claim was there before and keeps its ${differs.join(' and ')}`);
  const capacity = claim.status?.capacity?.['storage'] ?? '0';
  const asked = claim.spec.resources?.requests?.['storage'] ?? '0';
  return quantityValue(capacity) < quantityValue(asked)
    ? yes('Resizing', `growing from ${capacity} to ${asked}`)
    : yes('Bound', 'the claim is bound');
}
