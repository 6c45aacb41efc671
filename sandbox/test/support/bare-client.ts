import process from 'node:process';
import library from 'whatsapp-web.js';

/**
 * A program as most people write it: no handler for anything unhandled. Prints its events; its end is the test.
 * A line on its input reloads the page.
 * Arguments: profile folder, Chromium, then Chromium's arguments.
 */
const [dataPath, executablePath, ...args] = process.argv.slice(2);
if (dataPath === undefined || executablePath === undefined)
  throw new Error('usage: PROFILE CHROMIUM [ARGUMENT]…');

const client = new library.Client({
  authStrategy: new library.LocalAuth({ dataPath }),
  webVersionCache: { type: 'none' },
  authTimeoutMs: 5_000,
  puppeteer: {
    executablePath,
    headless: executablePath.includes('shell') ? 'shell' : true,
    args: ['--no-sandbox', ...args],
  },
});
client.on('ready', () => console.log('ready'));
// The test tells when; that this very call may find its page gone is not the point.
process.stdin.on('data', () => {
  client.pupPage?.evaluate('void location.reload()').catch(() => {});
});
void client.initialize();
