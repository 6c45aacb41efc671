import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { auditLedger, type Comparison, compareLedgers, isSound } from './ledger/compare.ts';
import { fromNdjson } from './ledger/ledger.ts';

const USAGE = `usage: npm run compare-ledgers -w sandbox -- [--by id|text] EXPECTED.ndjson [SEEN.ndjson]

With two files: whether the second recorded the deliveries of the first. With one: whether everything it
accepted was delivered, and everything injected received. Exit code 0: nothing lost, doubled or moved; 1: a
difference; 2: wrong use.`;

const load = async (path: string) => fromNdjson(await readFile(path, 'utf8'));

function report(title: string, comparison: Comparison): boolean {
  console.log(`${title}: ${isSound(comparison) ? 'sound' : JSON.stringify(comparison, null, 2)}`);
  return isSound(comparison);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { by: { type: 'string', default: 'id' } },
});
const [expected, seen, ...rest] = positionals;
const { by } = values;
if (expected === undefined || rest.length > 0 || (by !== 'id' && by !== 'text')) {
  console.error(USAGE);
  process.exitCode = 2;
} else if (seen === undefined) {
  const { outbound, inbound } = auditLedger(await load(expected));
  const verdicts = [report('outbound', outbound), report('inbound', inbound)];
  process.exitCode = verdicts.every(Boolean) ? 0 : 1;
} else {
  process.exitCode = report('deliveries', compareLedgers(await load(expected), await load(seen), by)) ? 0 : 1;
}
