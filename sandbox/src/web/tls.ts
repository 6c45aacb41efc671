import { createHash, X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** A key and its self-signed certificate, in PEM. */
export interface TlsPair {
  readonly key: string;
  readonly cert: string;
}

const TEN_YEARS_MS = 10 * 365 * 24 * 60 * 60 * 1000;

async function generatePair(): Promise<TlsPair> {
  const pair = await generate([{ name: 'commonName', value: 'web.whatsapp.com (simulated)' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + TEN_YEARS_MS),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'web.whatsapp.com' },
          { type: 2, value: '*.whatsapp.net' },
        ],
      },
    ],
  });
  return { key: pair.private, cert: pair.cert };
}

/** The data folder's key pair, made at the first start: clients keep their browser arguments across restarts. */
export async function loadTlsPair(folder: string | null): Promise<TlsPair> {
  if (folder === null) return generatePair();
  const keyPath = join(folder, 'tls.key');
  const certPath = join(folder, 'tls.crt');
  try {
    return { key: await readFile(keyPath, 'utf8'), cert: await readFile(certPath, 'utf8') };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const pair = await generatePair();
  await mkdir(folder, { recursive: true });
  await writeFile(certPath, pair.cert);
  await writeFile(keyPath, pair.key, { mode: 0o600 });
  return pair;
}

/** What Chromium's `--ignore-certificate-errors-spki-list` wants: base64 SHA-256 of the public key. */
export function spkiFingerprint(cert: string): string {
  const key = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}
