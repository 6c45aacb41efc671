/** One life in which an alert fires, for promtool: a sample a minute. */
export interface AlertCase {
  readonly alert: string;
  /** Series by selector, with their values in promtool's notation. */
  readonly series: Readonly<Record<string, string>>;
  /** Minutes at which it must not fire yet, because it has not held for long enough. */
  readonly quietAt: number;
  /** Minutes at which it fires. */
  readonly firesAt: number;
  /** Minutes at which it is over again. */
  readonly overAt: number;
  /** Labels beside its name and severity. */
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description: string;
  /** Alerts that must not fire at `firesAt`, because this one speaks for them. */
  readonly instead?: readonly string[];
}

/** The session in most cases, and its labels. */
export const SALES = 'namespace="shop",pod="sales"';
export const sales = { namespace: 'shop', pod: 'sales' } as const;
export const OPERATOR = 'namespace="ops",pod="op-1",instance="a",job="op"';

/** A value for so many minutes, then the next; `_` is a series that is not there, as a scrape without it tells. */
export const timeline = (...parts: readonly (readonly [value: number | '_', minutes: number])[]): string =>
  parts
    .map(([value, minutes]) =>
      value === '_' ? `stale${minutes > 1 ? ` _x${minutes - 1}` : ''}` : `${value}+0x${minutes - 1}`,
    )
    .join(' ');

/** A counter that grows by `step` each minute, for each part in turn. */
export function counting(...parts: readonly (readonly [step: number, minutes: number])[]): string {
  let value = 0;
  return parts
    .map(([step, minutes]) => {
      const text = `${value}+${step}x${minutes - 1}`;
      value += step * minutes;
      return text;
    })
    .join(' ');
}

const STATES = [
  'Starting',
  'Pairing',
  'Syncing',
  'Connected',
  'Disconnected',
  'LoggedOut',
  'Failed',
  'Stopped',
];

/** A session that is in one state after the other: every series of its state. */
export function lifeOf(
  labels: string,
  ...parts: readonly (readonly [state: string, minutes: number])[]
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    STATES.map((state) => [
      `whatsapp_session_state{${labels},state="${state}"}`,
      timeline(...parts.map(([each, minutes]) => [each === state ? 1 : 0, minutes] as const)),
    ]),
  );
}

/** A session that is connected all the time. */
export const connected = (minutes: number, labels: string = SALES): Readonly<Record<string, string>> =>
  lifeOf(labels, ['Connected', minutes]);
