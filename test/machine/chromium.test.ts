import { expect, it } from 'vitest';
import { type BrowserFacts, planBrowser } from './chromium.ts';

const bare: BrowserFacts = {
  named: undefined,
  find: () => undefined,
  root: true,
  packageManager: 'debian',
};
const having =
  (...commands: readonly string[]) =>
  (command: string) =>
    commands.includes(command) ? `/opt/${command}` : undefined;

it('takes the leanest browser that is there', () => {
  const find = having('google-chrome', 'chromium', 'chromium-headless-shell');
  expect(planBrowser({ ...bare, find })).toEqual({ kind: 'use', file: '/opt/chromium-headless-shell' });
  expect(planBrowser({ ...bare, find: having('google-chrome') })).toMatchObject({
    file: '/opt/google-chrome',
  });
});

it('takes the browser that is named, and no other in its place', () => {
  const find = having('chromium', 'mine');
  expect(planBrowser({ ...bare, named: 'mine', find })).toEqual({ kind: 'use', file: '/opt/mine' });
  expect(planBrowser({ ...bare, named: 'yours', find })).toMatchObject({
    kind: 'refuse',
    problem: 'there is no browser yours',
  });
});

it("installs Debian's for root, and tells anybody else what root has to type", () => {
  expect(planBrowser(bare)).toEqual({ kind: 'install', package: 'chromium-headless-shell' });
  expect(planBrowser({ ...bare, root: false })).toMatchObject({
    kind: 'refuse',
    remedy: expect.stringContaining('apt-get install'),
  });
});

it('installs nothing where it does not know how', () => {
  expect(planBrowser({ ...bare, packageManager: 'other' })).toMatchObject({
    kind: 'refuse',
    remedy: 'install Chromium or Chrome',
  });
});
