import process from 'node:process';
import { parseArgs } from 'node:util';
import { type Problem, problemSchema } from '@whatsapp-operator/api/session';

/** Sends the dead letters of a webhook again, by the API of a session pod that runs. */
const USAGE = `usage: [API_KEY=…] npm run redrive -w session-pod -- [--url http://127.0.0.1:3000] WEBHOOK [EVENT…]

Without events, all dead letters of the webhook. Exit code 0: they are sent again; 1: refused; 2: wrong use.`;

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { url: { type: 'string', default: 'http://127.0.0.1:3000' } },
  });
  const [webhook, ...events] = positionals;
  if (webhook === undefined || events.some((event) => !/^\d+$/.test(event))) throw new Error(USAGE);
  const { API_KEY: key } = process.env;
  const response = await fetch(
    new URL(`/api/v1/webhooks/${encodeURIComponent(webhook)}/redrive`, values.url),
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'x-api-key': key }) },
      body: JSON.stringify(events.length === 0 ? {} : { events: events.map(Number) }),
    },
  );
  const answer: unknown = await response.json();
  if (response.ok) {
    console.log(`${(answer as { readonly redriven: number }).redriven} dead letters are sent again`);
    return 0;
  }
  const problem: Problem | undefined = problemSchema.safeParse(answer).data;
  console.error(
    problem === undefined ? `refused with ${response.status}` : `${problem.title}: ${problem.detail}`,
  );
  return 1;
}

try {
  process.exitCode = await run();
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  console.error(error instanceof Error ? `${error.message}${cause}` : error);
  process.exitCode = 2;
}
