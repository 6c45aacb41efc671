import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Forwarded, forwardPort } from '../e2e/port-forward.ts';
import { kubectl } from '../release/release.ts';
import type { Narrator } from './narrator.ts';
import { judge, type Verdict } from './report.ts';
import { type Message, SessionApi, untilAnswered } from './session-api.ts';
import { ensureNamespace, NAMESPACE, type Stage } from './stage.ts';

/** The session of examples/minimal.yaml, the account that is linked to it, and who is written to. */
export const SESSION = 'sales';
export const NUMBER = '491510000001';
const FRIEND = '4915700000000@c.us';
const example = new URL('../../examples/minimal.yaml', import.meta.url);

/** A browser on a busy machine, and a pod that comes back, take their time. */
const START_MS = 180_000;

/** Makes a session, links it, sends, kills its pod, sends again, and compares with what the recipient really got. */
export async function tellStory(stage: Stage, tell: Narrator): Promise<Verdict> {
  await clearAway(stage, tell);
  const before = (await stage.sandbox.call('ledger', { query: { account: NUMBER } })).at(-1)?.seq ?? 0;
  await makeSession(stage, tell);
  const forwarded = await forwardPort({ name: NAMESPACE, target: stage.target }, async () => SESSION, 3000);
  try {
    const api = new SessionApi(`http://127.0.0.1:${forwarded.port}`, await readKey(stage));
    await link(stage, api, tell);
    const texts = await sendAroundAKill(stage, api, forwarded, tell);
    return await reckon(stage, texts, before, tell);
  } finally {
    await forwarded.close();
  }
}

/** What an earlier run has left: its session with the volume, and the devices that its account was linked to. */
async function clearAway({ target, sandbox }: Stage, tell: Narrator): Promise<void> {
  const gone = kubectl(target.commands, ['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--wait']);
  await tell.during('clearing away what an earlier run has left', gone);
  await sandbox.call('unlink', { params: { number: NUMBER }, body: {} });
}

async function makeSession({ target }: Stage, tell: Narrator): Promise<void> {
  tell.chapter('A session');
  await ensureNamespace(target, NAMESPACE);
  tell.command(`kubectl apply -n ${NAMESPACE} -f examples/minimal.yaml`);
  tell.output((await readFile(example, 'utf8')).replaceAll(/^#.*\n/gm, ''));
  const apply = ['apply', '-n', NAMESPACE, '-f', example.pathname];
  tell.output(await kubectl(target.commands, apply));
  const pairing = ['wait', '-n', NAMESPACE, `was/${SESSION}`, '--for=jsonpath={.status.phase}=Pairing'];
  await tell.during(
    'volume, pod, browser, page',
    kubectl(target.commands, [...pairing, `--timeout=${START_MS / 1000}s`]),
  );
  tell.say('the session waits for its account to be linked');
}

async function readKey({ target }: Stage): Promise<string> {
  const path = 'jsonpath={.data.api-key}';
  const secret = ['get', 'secret', '-n', NAMESPACE, `${SESSION}-api-key`, '-o', path];
  return Buffer.from(await kubectl(target.commands, secret), 'base64').toString();
}

async function link({ target, sandbox }: Stage, api: SessionApi, tell: Narrator): Promise<void> {
  tell.command(`curl -H "X-Api-Key: $KEY" '${SESSION}.${NAMESPACE}.svc:3000/api/v1/session/qr?format=text'`);
  tell.output(await untilAnswered('the QR code', START_MS, () => api.qr('text')));
  await untilAnswered('the phone scanning the QR code', START_MS, async () =>
    sandbox.call('scan', { params: { number: NUMBER }, body: { qr: await api.qr('json') } }),
  );
  tell.say(`the simulated phone of ${NUMBER} has scanned it`);
  const ready = [
    'wait',
    '-n',
    NAMESPACE,
    `was/${SESSION}`,
    '--for=condition=Ready',
    `--timeout=${START_MS / 1000}s`,
  ];
  tell.command(`kubectl wait -n ${NAMESPACE} was/${SESSION} --for=condition=Ready`);
  await tell.during('linking and fetching chats', kubectl(target.commands, ready));
  tell.output(await showSession(target.commands));
}

export const showSession = (commands: Stage['target']['commands']): Promise<string> =>
  kubectl(commands, ['get', 'was', '-n', NAMESPACE]);

async function sendAroundAKill(
  stage: Stage,
  api: SessionApi,
  forwarded: Forwarded,
  tell: Narrator,
): Promise<readonly string[]> {
  const texts = [
    'Hello from Kubernetes',
    'In flight when my pod was killed',
    'Handed over while there was no pod',
  ] as const;
  tell.chapter('A message');
  await arrive(api, await handOver(api, texts[0], tell), tell);

  tell.chapter('Another is in flight, and the pod is killed');
  const inFlight = await holdInFlight(stage, api, texts[1], tell);
  tell.command(`kubectl delete pod -n ${NAMESPACE} ${SESSION} --grace-period=0 --force`);
  const kill = ['delete', 'pod', '-n', NAMESPACE, SESSION, '--grace-period=0', '--force'];
  await kubectl(stage.target.commands, kill);
  forwarded.cut();

  tell.chapter('A third is handed over at once');
  const late = await handOver(api, texts[2], tell);
  await stage.sandbox.call('clearFaults', { query: {} });
  tell.say('the line to WhatsApp is back');
  await arrive(api, inFlight, tell);
  await arrive(api, late, tell);
  const ready = [
    'wait',
    '-n',
    NAMESPACE,
    `was/${SESSION}`,
    '--for=condition=Ready',
    `--timeout=${START_MS / 1000}s`,
  ];
  await kubectl(stage.target.commands, ready);
  tell.say('connected again with the account on its volume: nobody had to scan');
  return texts;
}

/** A message that WhatsApp Web has, and that its server does not get: the line is silent from before it left. */
async function holdInFlight(
  { sandbox }: Stage,
  api: SessionApi,
  text: string,
  tell: Narrator,
): Promise<HandedOver> {
  await sandbox.call('addFault', { body: { account: NUMBER, fault: { kind: 'blackhole-socket' } } });
  tell.say('the line to WhatsApp goes silent: what is sent now waits for its answer');
  const handed = await handOver(api, text, tell);
  await api.messageThat(handed.message.id, ['sending'], START_MS);
  tell.say('it is with WhatsApp Web, unanswered');
  return handed;
}

/** A message that was accepted, and when it was begun to be handed over. */
interface HandedOver {
  readonly message: Message;
  readonly text: string;
  readonly began: number;
}

const secondsSince = (began: number): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;

async function handOver(api: SessionApi, text: string, tell: Narrator): Promise<HandedOver> {
  const key = randomUUID();
  const body = JSON.stringify({ to: FRIEND, content: { type: 'text', text } });
  tell.command(
    `curl -H "X-Api-Key: $KEY" -H 'Idempotency-Key: ${key.slice(0, 8)}…' \\\n    -d '${body}' ${SESSION}.${NAMESPACE}.svc:3000/api/v1/messages`,
  );
  const began = performance.now();
  const message = await tell.during('handing it over', api.send(FRIEND, text, key, START_MS));
  tell.say(`accepted after ${secondsSince(began)}: it is on disk as ${message.id}`);
  return { message, text, began };
}

async function arrive(api: SessionApi, { message, text, began }: HandedOver, tell: Narrator): Promise<void> {
  const ended = await tell.during(
    'waiting for it to arrive',
    api.messageThat(message.id, ['delivered', 'read'], START_MS),
  );
  tell.say(`"${text}" was ${ended.status} ${secondsSince(began)} after it was handed over`);
}

async function reckon(
  { sandbox }: Stage,
  texts: readonly string[],
  before: number,
  tell: Narrator,
): Promise<Verdict> {
  tell.chapter('What the recipient really got');
  const ledger = await sandbox.call('ledger', { query: { account: NUMBER } });
  const ours = ledger.filter(({ seq }) => seq > before);
  for (const { at, kind, chat, detail } of ours.filter(({ kind }) => kind === 'delivered')) {
    tell.output(`${new Date(at).toISOString().slice(11, 23)}  ${kind} to ${chat.split('@')[0]}: ${detail}`);
  }
  const verdict = judge(texts, ours);
  tell.say(verdict.lines.join('\n'));
  tell.say(verdict.clean ? 'clean: every accepted message arrived once, in order' : 'NOT clean');
  return verdict;
}
