import type { DestinationStream } from 'pino';
import type { Engine } from './engine/engine.ts';
import { qrText } from './http/qr.ts';

/** What somebody sees who starts the session pod by hand: lines for people, and the code to scan. */

/** Fields that every line has, and those that say nothing to somebody who watches. */
const QUIET = new Set(['level', 'time', 'session', 'msg', 'part']);

const LEVELS: Readonly<Record<string, string>> = { warn: 'WARN ', error: 'ERROR ', fatal: 'FATAL ' };

/** A line of the log as a person reads it: time, message, then what belongs to it. What is no log line stays as it is. */
export function readable(line: string): string {
  const fields = parse(line);
  if (fields === undefined) return line;
  const time = String(fields['time']).slice(11, 19);
  const rest = Object.entries(fields)
    .filter(([name]) => !QUIET.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${time} ${LEVELS[String(fields['level'])] ?? ''}${[fields['msg'], ...rest].join('  ')}\n`;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Where the log goes when somebody watches. */
export const terminalLog = (out: { write: (text: string) => unknown }): DestinationStream => ({
  write: (line) => void out.write(readable(line)),
});

/** Draws each new code to scan. Only ever on a terminal: in a log the code would be a credential that stays. */
export function drawCodes(engine: Pick<Engine, 'on'>, out: { write: (text: string) => unknown }): void {
  engine.on({
    pairing: (pairing) => {
      if (pairing?.method === 'QRCode')
        out.write(`\n${qrText(pairing.qr)}Scan it: WhatsApp, Linked devices, Link a device.\n\n`);
      if (pairing?.method === 'PairingCode')
        out.write(
          `\nEnter it on the phone: WhatsApp, Linked devices, Link with phone number: ${pairing.code}\n\n`,
        );
    },
  });
}
