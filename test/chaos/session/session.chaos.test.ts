import { beforeAll, expect, test } from 'vitest';
import { ensureChromium } from '../../machine/chromium.ts';
import { describeRun, runBreaches } from './report.ts';
import { type Plan, run } from './run.ts';

/** At this size every kind of disturbance strikes at least once; `make chaos-session` is the full one. */
const plan = { seed: '1', messages: 150, chats: 6, perSecond: 3, pauseMs: 3_500, settleMs: 180_000 };

let browser = '';
beforeAll(async () => {
  browser = await ensureChromium(() => undefined);
});

test.each<Pick<Plan, 'service'>>([{ service: 'trusting' }, { service: 'distrusting' }])(
  'on a $service service nothing is lost, doubled, moved or falsely told under chaos',
  async ({ service }) => {
    const report = await run({ ...plan, service, browser }, () => undefined);
    console.log(describeRun(report));
    expect(runBreaches(report)).toEqual([]);
  },
);
