import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Forwarded, forwardPort } from '../e2e/port-forward.ts';
import { kubectl } from '../release/release.ts';
import type { Narrator } from './narrator.ts';
import { judge, type Verdict } from './report.ts';
import { SessionApi, untilAnswered } from './session-api.ts';
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
  { target }: Stage,
  api: SessionApi,
  forwarded: Forwarded,
  tell: Narrator,
): Promise<readonly string[]> {
  tell.chapter('A message');
  const texts = ['Hello from Kubernetes', 'Sent while my pod was dying'] as const;
  await sendOne(api, texts[0], tell);

  tell.chapter('The pod is killed, and the next message is handed over at once');
  tell.command(`kubectl delete pod -n ${NAMESPACE} ${SESSION} --grace-period=0 --force`);
  await kubectl(target.commands, ['delete', 'pod', '-n', NAMESPACE, SESSION, '--grace-period=0', '--force']);
  forwarded.cut();
  await sendOne(api, texts[1], tell);
  await kubectl(target.commands, [
    ...['wait', '-n', NAMESPACE, `was/${SESSION}`, '--for=condition=Ready', `--timeout=${START_MS / 1000}s`],
  ]);
  tell.say('connected again with the account on its volume: nobody had to scan');
  return texts;
}

async function sendOne(api: SessionApi, text: string, tell: Narrator): Promise<void> {
  const key = randomUUID();
  const body = JSON.stringify({ to: FRIEND, content: { type: 'text', text } });
  tell.command(
    `curl -H "X-Api-Key: $KEY" -H 'Idempotency-Key: ${key.slice(0, 8)}…' \\\n    -d '${body}' ${SESSION}.${NAMESPACE}.svc:3000/api/v1/messages`,
  );
  const began = performance.now();
  const accepted = await tell.during('handing it over', api.send(FRIEND, text, key, START_MS));
  const seconds = (): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  tell.say(`accepted after ${seconds()}: on disk as ${accepted.id}, ${accepted.status}`);
  const ended = await tell.during(
    'waiting for it to arrive',
    api.messageThat(accepted.id, ['delivered', 'read'], START_MS),
  );
  tell.say(`${ended.status} after ${seconds()}`);
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
