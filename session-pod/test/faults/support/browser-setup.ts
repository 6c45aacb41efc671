import process from 'node:process';
import { ensureChromium } from '../../../../test/machine/chromium.ts';

/** The files run in processes of their own, which inherit it. */
export async function setup(): Promise<void> {
  process.env['SANDBOX_CHROMIUM'] = await ensureChromium(console.error);
}
