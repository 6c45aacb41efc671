import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { checkAccounts, type LedgerLine, type ReceivedLine } from './check.ts';
import { readRecords } from './records.ts';

const USAGE = `usage: npm run check-accounts -w session-pod -- --database session.db --ledger ledger.ndjson --account NUMBER
         [--received WEBHOOK=received.ndjson]...

Compares a session pod's database (a copy, or that of a stopped pod) with the ledger of the sandbox
(GET /ledger.ndjson), and with what receivers of webhooks got: one envelope a line, in the order of arrival.
Prints every difference. Exit code 0: none; 1: some; 2: wrong use.`;

const ndjson = <T>(path: string): readonly T[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as T);

function run(): number {
  const { values } = parseArgs({
    options: {
      database: { type: 'string' },
      ledger: { type: 'string' },
      account: { type: 'string' },
      received: { type: 'string', multiple: true, default: [] },
    },
  });
  const { database, ledger, account, received } = values;
  if (database === undefined || ledger === undefined || account === undefined) throw new Error(USAGE);
  const files = received.map((written) => {
    const [id, path] = written.split('=', 2);
    if (id === undefined || path === undefined) throw new Error(USAGE);
    return [id, ndjson<ReceivedLine>(path)] as const;
  });
  const findings = checkAccounts({
    records: readRecords(database),
    ledger: ndjson<LedgerLine>(ledger).filter((line) => line.account === account),
    received: new Map(files),
  });
  for (const { what, detail } of findings) console.log(`${what}: ${detail}`);
  console.log(
    findings.length === 0 ? 'sound: nothing lost, doubled or moved' : `${findings.length} differences`,
  );
  return findings.length === 0 ? 0 : 1;
}

try {
  process.exitCode = run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
