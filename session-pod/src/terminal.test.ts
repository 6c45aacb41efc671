import { expect, test } from 'vitest';
import { ScriptedEngine } from './http/testing/scripted-engine.ts';
import { createLog } from './log.ts';
import { drawCodes, readable, terminalLog } from './terminal.ts';

test('a line for people has time, message and fields, and a level where it matters', () => {
  const written: string[] = [];
  const log = createLog('info', 'sales', terminalLog({ write: (text) => written.push(text) }));
  log.info({ from: 'Starting', to: 'Pairing', afterMs: 12 }, 'session Pairing');
  log.warn({ detail: 'nearly full' }, 'storage');
  expect(written[0]).toMatch(
    /^\d\d:\d\d:\d\d session Pairing {2}from=Starting {2}to=Pairing {2}afterMs=12\n$/,
  );
  expect(written[1]).toMatch(/^\d\d:\d\d:\d\d WARN storage {2}detail=nearly full\n$/);
});

test('what is no log line stays as it is', () => {
  expect(readable('Debugger attached.\n')).toBe('Debugger attached.\n');
});

test('each new code is drawn', () => {
  const engine = new ScriptedEngine();
  const written: string[] = [];
  drawCodes(engine, { write: (text) => written.push(text) });
  engine.pair({ method: 'QRCode', qr: '2@a,b,c', since: 0 });
  engine.pair({ method: 'PairingCode', code: 'ABCD1234', phoneNumber: '491510000001', since: 0 });
  expect(written[0]).toMatch(/[█▀▄]{10}/);
  expect(written[1]).toContain('ABCD1234');
});
