import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import type { Session } from '../../generated/contract.ts';
import { adviceFor, adviceForState, invocationOf } from '../advice.ts';
import { fields, printable, wrap } from '../table.ts';
import type { ProgramName } from '../target.ts';
import { ageOf, formatAge } from '../time.ts';
import { readyOf } from './session-list.ts';

/** Everything about one session in one screen: what it is doing, what is wrong, what to do. Pure. */

/** What the session says of itself, on its API or on its health port. */
export type Told = Omit<Session, 'pairing'>;

export interface StatusModel {
  readonly program: ProgramName;
  readonly label: string;
  /** Of a cluster only. */
  readonly resource: WhatsAppSession | undefined;
  /** Undefined when it does not answer. */
  readonly told: Told | undefined;
  readonly now: number;
  readonly columns: number;
}

type Field = readonly [string, string];

export function statusScreen(model: StatusModel): string {
  const { resource, told, label } = model;
  const state = resource?.status?.phase ?? told?.state ?? 'unknown';
  const where = resource === undefined ? label : `${label} in namespace ${resource.metadata.namespace}`;
  const rows = [
    ...accountFields(model),
    ...messageFields(model),
    ...(resource === undefined ? [] : podFields(resource, model.now)),
    ...restartFields(model),
    ...versionFields(told, resource),
  ];
  return [`${where}: ${state}`, fields(rows), ...verdict(model)].join('\n');
}

function accountFields({ resource, told, now }: StatusModel): readonly Field[] {
  const account = told?.account ?? resource?.status?.account;
  const since = told?.connectedSince ?? resource?.status?.connectedSince;
  const number = account?.id.replace(/@c\.us$/, '') ?? 'none known';
  return [
    ['Account', printable(account?.name ? `${number} (${account.name})` : number)],
    ...(since ? [['Connected', `for ${ageOf(since, now)}`] as const] : []),
  ];
}

function messageFields({ resource, told }: StatusModel): readonly Field[] {
  if (told !== undefined) return queueFields(told);
  const hasPod = resource?.status?.podName !== undefined;
  return hasPod ? [['Messages', 'unknown: the session does not answer']] : [];
}

function queueFields({ outbox }: Told): readonly Field[] {
  const { queued, sending, unknown, oldestSeconds, accepting } = outbox;
  const oldest = oldestSeconds === null ? '' : `, the oldest for ${formatAge(oldestSeconds * 1000)}`;
  const open = queued + sending === 0 ? 'empty' : `${queued} queued, ${sending} being sent${oldest}`;
  return [
    ['Messages', accepting ? open : `${open}; NO NEW ONES ARE ACCEPTED, the volume is nearly full`],
    ...(unknown === 0 ? [] : [['Unproven', `${unknown} ended without proof either way`] as const]),
  ];
}

function podFields({ metadata, spec, status }: WhatsAppSession, now: number): readonly Field[] {
  return [
    ['Pod', status?.podName ?? 'none'],
    ['Image', status?.image ?? spec.image ?? '-'],
    [
      'Volume',
      `${spec.storage.size}, ${spec.storage.accessMode}, ${spec.storage.retentionPolicy.toLowerCase()}ed`,
    ],
    ['Age', ageOf(metadata.creationTimestamp, now)],
  ];
}

function restartFields({ resource, told, now }: StatusModel): readonly Field[] {
  const { restarts } = resource?.status ?? {};
  const lost = told?.lastDisconnect ?? undefined;
  const lastLost =
    lost === undefined ? resource?.status?.lastDisconnect : { reason: lost.reason, time: lost.at };
  const budget = resource?.spec.restarts;
  const last =
    restarts?.lastReason === undefined
      ? ''
      : `; the last: ${restarts.lastReason}, ${ageOf(restarts.lastTime, now)} ago`;
  return [
    ...(budget === undefined
      ? []
      : [['Restarts', `${restarts?.count ?? 0} of ${budget.limit} in ${budget.window}${last}`] as const]),
    ...(told === undefined
      ? []
      : [
          [
            'Browser',
            `begun anew ${told.restarts.engine} times; process up for ${ageOf(told.restarts.processStartedAt, now)}`,
          ] as const,
        ]),
    ...(lastLost === undefined
      ? []
      : [['Last lost', `${lastLost.reason}, ${ageOf(lastLost.time, now)} ago`] as const]),
  ];
}

function versionFields(told: Told | undefined, resource: WhatsAppSession | undefined): readonly Field[] {
  const versions = told?.versions ?? resource?.status?.versions;
  if (versions === undefined) return [];
  const { engine, browser, whatsappWeb } = versions;
  const parts = [engine, browser, whatsappWeb && `WhatsApp Web ${whatsappWeb}`].filter((part) => part);
  return [['Versions', printable(parts.join(', ') || '-')]];
}

/** What is wrong, and what to do about it. */
function verdict(model: StatusModel): readonly string[] {
  const { wrong, remedy } = judge(model);
  if (wrong === '') return ['', 'Ready: a message handed over now can leave now.'];
  const paragraph = (title: string, text: string) =>
    `${title}\n${wrap(printable(text), model.columns, '  ')}`;
  return ['', paragraph('What is wrong', wrong), ...(remedy === '' ? [] : ['', `What to do\n  ${remedy}`])];
}

function judge({ resource, told, program }: StatusModel): {
  readonly wrong: string;
  readonly remedy: string;
} {
  if (resource === undefined) {
    if (told === undefined)
      return { wrong: 'the session does not answer', remedy: 'look at its process and its log' };
    const { state, reason, detail } = told;
    if (state === 'Connected') return { wrong: '', remedy: '' };
    return {
      wrong: `${state} (${reason}): ${detail}`,
      remedy: adviceForState(state, invocationOf(program, undefined)),
    };
  }
  const ready = readyOf(resource);
  if (ready === undefined)
    return {
      wrong: 'the operator has not looked at this session yet',
      remedy: `if this lasts: ${program} doctor -n ${resource.metadata.namespace}`,
    };
  if (ready.status === 'True') return { wrong: '', remedy: '' };
  return { wrong: `${ready.reason}: ${ready.message}`, remedy: adviceFor(ready.reason, resource, program) };
}
