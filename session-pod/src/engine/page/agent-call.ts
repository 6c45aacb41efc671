import type { Page } from 'puppeteer';
import { installInbox } from './agent-inbox.ts';
import { installReading } from './agent-reading.ts';
import { installSending } from './agent-sending.ts';
import { installWatching } from './agent-watching.ts';
import type { PageWindow } from './internals.ts';

declare const window: PageWindow;

/**
 * Calls one of our functions in the page, after installing them where the document is new. Rejects with the page's
 * error, or with `the page has no program yet`.
 */
export async function callAgent<T>(page: Page, name: string, argument: unknown = null): Promise<T> {
  const first = await evaluateAgent(page, name, argument);
  if (first.kind === 'done') return first.value as T;
  const ready = await page.evaluate(() => typeof window.require === 'function' && window.Debug !== undefined);
  if (!ready) throw new Error('the page has no program yet');
  await page.evaluate(installReading);
  await page.evaluate(installWatching);
  await page.evaluate(installSending);
  await page.evaluate(installInbox);
  const second = await evaluateAgent(page, name, argument);
  if (second.kind === 'missing') throw new Error(`the page did not keep ${name}`);
  return second.value as T;
}

type Evaluated = { readonly kind: 'missing' } | { readonly kind: 'done'; readonly value: unknown };

const evaluateAgent = (page: Page, name: string, argument: unknown): Promise<Evaluated> =>
  page.evaluate(
    async (called: string, given: unknown) => {
      const found = window.sessionPod?.[called] as ((given: unknown) => unknown) | undefined;
      if (found === undefined) return { kind: 'missing' as const };
      return { kind: 'done' as const, value: await found(given) };
    },
    name,
    argument,
  );
