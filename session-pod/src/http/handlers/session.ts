import type { Session, Stats, sessionRoutes } from '@whatsapp-operator/api/session';
import type { Engine, Pairing } from '../../engine/engine.ts';
import { ProblemError } from '../problem-error.ts';
import { qrPng, qrText } from '../qr.ts';
import { type Context, type Handlers, jsonReply, type Reply } from '../reply.ts';

export interface SessionParts {
  readonly engine: Engine;
  readonly describeSession: () => Session;
  readonly describeStats: () => Stats;
}

const iso = (at: number): string => new Date(at).toISOString();

/** What people do with the session itself. */
export function sessionHandlers({
  engine,
  describeSession,
  describeStats,
}: SessionParts): Handlers<keyof typeof sessionRoutes> {
  return {
    getSession: () => jsonReply(200, describeSession()),
    getStats: () => jsonReply(200, describeStats()),
    getQr: ({ query: { format } }, context) => {
      const pairing = requirePairing(engine, 'QRCode');
      return drawQr(pairing, format ?? formatOf(context));
    },
    getPairingCode: () => jsonReply(200, describeCode(requirePairing(engine, 'PairingCode'))),
    requestPairingCode: async ({ body: { phoneNumber } }) => {
      requirePairable(engine);
      const code = await engine.requestPairingCode(phoneNumber);
      const { pairing } = engine.snapshot;
      const since = pairing?.method === 'PairingCode' && pairing.code === code ? pairing.since : Date.now();
      return jsonReply(200, describeCode({ method: 'PairingCode', code, phoneNumber, since }));
    },
    restartSession: async () => {
      await engine.restart('asked for through the API');
      return jsonReply(202, describeSession());
    },
    logoutSession: async () => {
      await engine.logout();
      return jsonReply(202, describeSession());
    },
    getScreenshot: async () => ({
      status: 200,
      content: { type: 'bytes', mimetype: 'image/png', bytes: await engine.screenshot() },
    }),
  };
}

type PairingOf<M extends Pairing['method']> = Extract<Pairing, { readonly method: M }>;

/** The code of that kind, or why there is none and what to do about it. */
function requirePairing<M extends Pairing['method']>(engine: Engine, method: M): PairingOf<M> {
  requirePairable(engine);
  const { pairing } = engine.snapshot;
  if (pairing === undefined)
    throw new ProblemError('not_pairing', 'no code is there yet: ask again in a few seconds');
  if (isOf(pairing, method)) return pairing;
  throw new ProblemError(
    'not_pairing',
    method === 'QRCode'
      ? 'the session is being linked by a pairing code: see /api/v1/session/pairing-code'
      : 'the session is being linked by a QR code: POST a phone number here for a pairing code',
  );
}

const isOf = <M extends Pairing['method']>(pairing: Pairing, method: M): pairing is PairingOf<M> =>
  pairing.method === method;

function requirePairable({ snapshot: { state, lastTransition } }: Engine): void {
  switch (state) {
    case 'Pairing':
      return;
    case 'Connected':
    case 'Syncing':
    case 'Disconnected':
      throw new ProblemError('already_linked', `the session is ${state}; log it out to link another account`);
    case 'Failed':
      throw new ProblemError(
        'session_failed',
        `the session has stopped (${lastTransition.reason}): POST /api/v1/session/restart once the cause is mended`,
      );
    case 'Starting':
    case 'LoggedOut':
    case 'Stopped':
      throw new ProblemError('not_pairing', `the session is ${state}: ask again in a few seconds`);
  }
}

type QrFormat = 'json' | 'png' | 'text';
const QR_TYPES: Readonly<Record<string, QrFormat>> = {
  'application/json': 'json',
  'image/png': 'png',
  'text/plain': 'text',
};

function formatOf({ accepts }: Context): QrFormat {
  const format = QR_TYPES[accepts(Object.keys(QR_TYPES)) ?? ''];
  if (format !== undefined) return format;
  throw new ProblemError('not_acceptable', `there is ${Object.keys(QR_TYPES).join(', ')}`);
}

function drawQr({ qr, since }: PairingOf<'QRCode'>, format: QrFormat): Reply {
  switch (format) {
    case 'json':
      return jsonReply(200, { qr, since: iso(since) });
    case 'png':
      return { status: 200, content: { type: 'bytes', mimetype: 'image/png', bytes: qrPng(qr) } };
    case 'text':
      return { status: 200, content: { type: 'text', text: qrText(qr) } };
  }
}

const describeCode = ({ code, phoneNumber, since }: PairingOf<'PairingCode'>): unknown => ({
  code,
  phoneNumber,
  since: iso(since),
});
