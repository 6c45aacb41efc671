import type { ReadyReason, WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { SessionState } from '../generated/contract.ts';
import type { ProgramName } from './target.ts';

/** What a person can do about a session that is not Ready: pure, one answer per reason. */

/** Commands are written as their user types them. */
export interface Invocation {
  readonly program: ProgramName;
  /** ` sales -n shop`, or nothing for a session behind a URL. */
  readonly suffix: string;
}

export function invocationOf(program: ProgramName, resource: WhatsAppSession | undefined): Invocation {
  if (resource === undefined) return { program, suffix: '' };
  const { name, namespace } = resource.metadata;
  return { program, suffix: ` ${name} -n ${namespace}` };
}

const command = ({ program, suffix }: Invocation, verb: string, more = ''): string =>
  `${program} ${verb}${suffix}${more}`;

/** By the reason of the condition Ready. Empty when there is nothing to do, or the condition's message says it all. */
export function adviceFor(reason: string, resource: WhatsAppSession, program: ProgramName): string {
  const said = invocationOf(program, resource);
  const { name, namespace } = resource.metadata;
  const describe = `kubectl describe pod ${name} -n ${namespace}`;
  const edit = `kubectl edit whatsappsession ${name} -n ${namespace}`;
  switch (reason as ReadyReason) {
    case 'Connected':
      return '';
    case 'InvalidSpec':
      return edit;
    case 'Suspended':
      return command(said, 'resume');
    case 'RestartLimitExceeded':
      return `${command(said, 'restart')}, and watch it: ${command(said, 'logs', ' -f')}`;
    case 'PairingRequired':
      return resource.spec.pairing.method === 'QRCode'
        ? command(said, 'qr')
        : command(said, 'pair', ' --code');
    case 'LoggedOut':
      return `${command(said, 'qr')}, as soon as it shows a code`;
    case 'SessionFailed':
      return `mend the cause, then ${command(said, 'restart')}`;
    case 'Disconnected':
      return `nothing at first: it comes back by itself. If it lasts: ${command(said, 'reconnect')}`;
    case 'Paused':
      return `kubectl annotate whatsappsession ${name} -n ${namespace} whatsapp-operator.io/paused-`;
    case 'CrashLooping':
    case 'PodLost':
      return command(said, 'logs', ' --previous');
    case 'OutOfMemory':
      return `raise spec.resources.limits.memory: ${edit}`;
    case 'Unschedulable':
    case 'ImageUnavailable':
    case 'MountFailed':
    case 'SecretMissing':
      return describe;
    case 'StorageNotReady':
      return `kubectl describe persistentvolumeclaim ${name} -n ${namespace}`;
    case 'NodeUnreachable':
      return 'kubectl get nodes';
    case 'SessionUnreachable':
      return `kubectl get networkpolicy -n ${namespace}, and ${command(said, 'logs')}`;
    case 'NameTaken':
    case 'QuotaExceeded':
    case 'PodSecurityRefused':
    case 'PodRefused':
    case 'ChildRefused':
      return `${edit}, or change what refuses it`;
    case 'PredecessorTerminating':
    case 'PodTerminating':
    case 'PodStarting':
    case 'BrowserStarting':
    case 'Syncing':
    case 'NotReady':
    case 'SessionStopped':
      return 'wait: this passes by itself';
    default:
      return '';
  }
}

/** By what a session says itself, where there is no cluster to ask. */
export function adviceForState(state: SessionState, said: Invocation): string {
  switch (state) {
    case 'Connected':
      return '';
    case 'Pairing':
      return command(said, 'qr');
    case 'Failed':
      return `mend the cause, then ${command(said, 'restart')}`;
    case 'LoggedOut':
      return `${command(said, 'qr')}, as soon as it shows a code`;
    case 'Disconnected':
      return `nothing at first: it comes back by itself. If it lasts: ${command(said, 'reconnect')}`;
    case 'Starting':
    case 'Syncing':
    case 'Stopped':
      return 'wait: this passes by itself';
  }
}
