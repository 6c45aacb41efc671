import { z } from 'zod';

const ms = (value: number, what: string) => z.int().min(0).default(value).describe(what);

/** Delays of the simulated service, in milliseconds. Defaults are quick: a test waits for every one of them. */
export const timingSchema = z
  .strictObject({
    qrFirstMs: ms(60_000, 'How long the first QR code is valid'),
    qrNextMs: ms(20_000, 'How long each further QR code is valid'),
    qrRefs: z.int().min(1).default(6).describe('How many QR codes a page gets before it falls idle'),
    serverMs: ms(10, 'From sending to ack 1'),
    deviceMs: ms(30, 'From ack 1 to ack 2'),
    readMs: ms(40, 'From ack 2 to ack 3'),
    autoLinkMs: ms(100, 'How long the phone of an account with autoLink takes to enter a pairing code'),
    syncMs: ms(300, 'From CONNECTED to hasSynced, at a start of the page'),
    keepaliveMs: ms(5_000, 'How often the page pings; two pings without answer are a lost connection'),
    connectTimeoutMs: ms(8_000, 'How long the page is OPENING before it says TIMEOUT'),
    backoffMs: ms(250, 'First pause before the page reconnects; doubles'),
    backoffMaxMs: ms(5_000, 'Longest pause before the page reconnects'),
  })
  .meta({ id: 'Timing' });

export type Timing = z.output<typeof timingSchema>;
