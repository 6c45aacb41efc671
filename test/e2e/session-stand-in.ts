/**
 * What stands in for the session image in tests of the operator's plumbing: a health server that is put into the probe
 * by an environment variable, and does what it is told. It keeps its account on the volume, as a session does. The
 * tests that need WhatsApp's behaviour run the real image.
 */
const program = `
import { createServer } from 'node:http';
import { existsSync, readFileSync, writeFileSync, rmSync } from 'node:fs';
const file = process.env.DATA_DIR + '/account';
const key = readFileSync(process.env.API_KEY_FILE, 'utf8');
let state = existsSync(file) ? 'Connected' : 'Pairing';
const since = new Date().toISOString();
let account = existsSync(file) ? { id: readFileSync(file, 'utf8'), name: 'Stand-in', platform: 'test' } : null;
const become = (to, id) => {
  state = to;
  if (to === 'Connected' && id) {
    writeFileSync(file, id);
    account = { id, name: 'Stand-in', platform: 'test' };
  }
  if (to === 'LoggedOut') { rmSync(file, { force: true }); account = null; }
};
createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const answer = (code, body) => { response.writeHead(code, { 'content-type': 'application/json' }); response.end(JSON.stringify(body)); };
  if (request.method === 'POST' && url.pathname === '/become') { become(url.searchParams.get('state'), url.searchParams.get('id')); return answer(200, {}); }
  if (request.method === 'POST' && url.pathname === '/exit') { answer(200, {}); setTimeout(() => process.exit(Number(url.searchParams.get('code'))), 50); return; }
  if (url.pathname === '/readyz') return answer(state === 'Connected' ? 200 : 503, { state });
  if (url.pathname === '/status') return answer(200, {
    state, reason: 'progress', detail: '', account, registrationDurable: account !== null,
    connectedSince: state === 'Connected' ? since : null, lastDisconnect: null, keyLength: key.length,
    versions: { engine: 'stand-in 1', browser: null, whatsappWeb: null },
  });
  answer(200, {});
}).listen(Number(process.env.HEALTH_PORT), process.env.HEALTH_HOST);
`;

/** Variables for `podTemplate.env` that make the probe image a stand-in. */
export const standInEnvironment = [
  { name: 'NODE_OPTIONS', value: `--import=data:text/javascript,${encodeURIComponent(program)}` },
];
