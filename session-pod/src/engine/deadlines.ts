/**
 * Every time limit of the engine, in one place. Values are milliseconds except where the text says otherwise;
 * docs/engine.md carries this table and a test keeps the two equal.
 */
const table = {
  tickMs: { value: 250, what: 'How often the supervisor looks.' },
  launchMs: {
    value: 30_000,
    what: 'From starting the browser until the library has a page in it. Then `startup_timeout`.',
  },
  loadMs: {
    value: 30_000,
    what: 'From having a page until its HTML is there. Then `page_unreachable`: the server accepted and does not answer.',
  },
  bootMs: {
    value: 30_000,
    what: "From the HTML until the page's own program runs. Then `page_unreachable`.",
  },
  syncMs: {
    value: 120_000,
    what: 'Without any progress between linked and synced. Then `startup_timeout`. Progress begins it anew.',
  },
  readyMs: {
    value: 5_000,
    what: 'From synced until the library says ready. Then the event it missed is told to it once more; after as long again `startup_timeout`, or `page_incompatible` where modules are missing.',
  },
  heartbeatMs: { value: 1_000, what: 'How often the worker thread says that its loop turns.' },
  heartbeatLimitMs: { value: 8_000, what: 'Silence of the worker thread until `engine_hung`.' },
  probeIntervalMs: { value: 2_000, what: 'How often the page is asked how it is, once Connected.' },
  eagerProbeIntervalMs: { value: 500, what: 'The same while it is on its way there.' },
  probeMs: { value: 3_000, what: 'How long it may take to answer that.' },
  probeMisses: {
    value: 2,
    what: 'Count, not time: unanswered questions in a row until `engine_hung`. With the two above, a frozen page is noticed within 8 s.',
  },
  busyProbeMisses: {
    value: 12,
    what: 'Count, not time: the same while the page is being given a file, which large files can make it too busy to answer for.',
  },
  roundTripIntervalMs: {
    value: 15_000,
    what: "How long a connection may carry nothing until WhatsApp is asked something through it (the account's own number). Acks and messages count as traffic.",
  },
  roundTripMs: {
    value: 10_000,
    what: 'How long the answer may take. Then `socket_silent`: the page is told to reconnect. With the one above, a dead connection is noticed within 25 s and a bit.',
  },
  silentMs: {
    value: 60_000,
    what: 'From `socket_silent` without proof of life until the browser is begun anew.',
  },
  outageMs: {
    value: 120_000,
    what: 'How long the page may try by itself to reach WhatsApp before the browser is begun anew; doubles with each time in vain.',
  },
  outageMaxMs: { value: 1_800_000, what: 'The most that this doubles to.' },
  pairingRefreshMs: {
    value: 1_000,
    what: 'Pause before fresh codes are fetched when those to link with ran out; doubles while nobody scans.',
  },
  pairingRefreshMaxMs: { value: 60_000, what: 'The most that this doubles to.' },
  settleMs: {
    value: 1_000,
    what: 'From the first ready of a new link until the browser is closed and opened once, which puts the registration on the disk.',
  },
  settleCloseMs: {
    value: 60_000,
    what: 'How long that one close may take. Generous, because a browser that is killed in it can lose the new registration, and with it the scan.',
  },
  closeMs: { value: 8_000, what: 'How long the browser may take to close cleanly. Then it is killed.' },
  killMs: { value: 5_000, what: 'How long the kernel may take to end a killed browser.' },
  callMs: { value: 15_000, what: 'Any question to the page that has no limit of its own.' },
  protocolMs: {
    value: 300_000,
    what: "puppeteer's own limit of one command to the browser. Longer than any upload: a send that puppeteer gives up goes on in the page. Frozen pages are noticed by the questions above.",
  },
  preflightMs: {
    value: 10_000,
    what: 'What is asked before a send (is the number registered, is the chat there). In vain: nothing was begun.',
  },
  recoveryBaseMs: {
    value: 500,
    what: 'First ceiling of the pause before a recovery; the pause is drawn between 0 and the ceiling, which doubles. The first recovery after a stable time comes at once.',
  },
  recoveryMaxMs: { value: 30_000, what: 'The highest ceiling.' },
  gentleBaseMs: {
    value: 1_000,
    what: 'The same ceiling where the cause lies outside (page unreachable, page incompatible, disk full), and the least pause there.',
  },
  gentleMaxMs: { value: 300_000, what: 'The highest such ceiling.' },
  recoveryWindowMs: { value: 600_000, what: 'Recoveries are counted over this time.' },
  recoveryLimit: {
    value: 10,
    what: 'Count, not time: recoveries within the window until the engine calls itself not live (`recovery_exhausted`). Causes that lie outside do not count.',
  },
  stableMs: { value: 60_000, what: 'Connected for so long, the pauses begin small again.' },
} as const satisfies Record<string, { readonly value: number; readonly what: string }>;

/** Names of all time limits. */
export type DeadlineName = keyof typeof table;

/** A value for each time limit; see the table for units and meaning. */
export type Deadlines = Readonly<Record<DeadlineName, number>>;

/** The values that hold unless told otherwise. */
export const defaultDeadlines: Deadlines = Object.fromEntries(
  Object.entries(table).map(([name, { value }]) => [name, value]),
) as Deadlines;

/** The table as Markdown, for the documentation. */
export function renderDeadlines(): string {
  const rows = Object.entries(table).map(
    ([name, { value, what }]) => `| \`${name}\` | ${value.toLocaleString('en-US')} | ${what} |`,
  );
  return ['| name | default | what it limits |', '|---|---:|---|', ...rows].join('\n');
}
