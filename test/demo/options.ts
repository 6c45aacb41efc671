import { parseArgs } from 'node:util';

/** What the person asks of the demo. */
export type DemoCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | { readonly kind: 'run'; readonly byHand: boolean };

export const USAGE = `usage: node test/demo/sandbox-demo.ts [--by-hand]

Links the unmodified whatsapp-web.js to a simulated WhatsApp, sends ten messages, cuts the line in the middle, and
compares what was sent with what arrived. Takes a few seconds; changes nothing that it does not remove.

  --by-hand   wait for you to scan the QR code instead of letting the simulated phone do it

SANDBOX_CHROMIUM names the browser; by default it is the machine's own, or Debian's, which root gets installed.
Exit code: 0 nothing lost or doubled, 1 something was, 2 it could not be tried.`;

/** Reads the arguments behind the program's name. */
export function readCommand(args: readonly string[]): DemoCommand {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        'by-hand': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values.help ? { kind: 'help' } : { kind: 'run', byHand: values['by-hand'] };
  } catch (error) {
    return { kind: 'wrong', problem: error instanceof Error ? error.message : String(error) };
  }
}
