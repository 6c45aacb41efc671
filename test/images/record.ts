/**
 * What is known of a finished image, kept beside its archive.
 *
 * Guarantees: a record is replaced in one step and written after the archive it names is whole, so a reader
 * needs no lock and never sees half an image. An archive's name contains the image's id, so a new build
 * never changes a file that somebody is importing.
 */
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from '../machine/failure.ts';
import { fileStem } from './layout.ts';

/** A finished image. */
export type ImageRecord = {
  /** Full name, with registry part and tag. */
  readonly tag: string;
  /** The image's id: `sha256:` and 64 hexadecimal digits. */
  readonly id: string;
  /** Hash of what the image was made from, where the builder can tell it beforehand. */
  readonly key: string | undefined;
  /** The oci-archive's absolute path. */
  readonly archive: string;
  /** Size of the archive in bytes; its layers are compressed. */
  readonly bytes: number;
};

/** How long an archive that no record names any more is kept for importers still reading it, in milliseconds. */
export const GRACE_MS = 3_600_000;

/** The path an image's archive gets. */
export function archivePath(archives: string, tag: string, id: string): string {
  return join(archives, `${fileStem(tag)}.${id.replace('sha256:', '').slice(0, 16)}.tar`);
}

function recordPath(archives: string, tag: string): string {
  return join(archives, `${fileStem(tag)}.json`);
}

/** The record of an image, if there is one and its archive is there in full. */
export async function readRecord(archives: string, tag: string): Promise<ImageRecord | undefined> {
  const text = await readFile(recordPath(archives, tag), 'utf8').catch(absent);
  const record = text === undefined ? undefined : parseRecord(text);
  if (record === undefined || record.tag !== tag) return undefined;
  const archive = await stat(record.archive).catch(absent);
  return archive?.size === record.bytes ? record : undefined;
}

/** Stores a record durably in one step. */
export async function writeRecord(archives: string, record: ImageRecord): Promise<void> {
  await mkdir(archives, { recursive: true });
  const path = recordPath(archives, record.tag);
  const draft = `${path}.new`;
  const file = await open(draft, 'w');
  try {
    await file.writeFile(`${JSON.stringify(record, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

/** Removes an image's record and with it every archive of that image. */
export async function dropRecord(archives: string, tag: string): Promise<void> {
  await rm(recordPath(archives, tag), { force: true });
  for (const name of await readdir(archives).catch(() => [])) {
    if (name.startsWith(`${fileStem(tag)}.`)) await rm(join(archives, name), { force: true });
  }
}

/** Every finished image, by name. */
export async function listRecords(archives: string): Promise<ImageRecord[]> {
  const names = await readdir(archives).catch(() => []);
  const records: ImageRecord[] = [];
  for (const name of names.filter((file) => file.endsWith('.json'))) {
    const tag = parseRecord(await readFile(join(archives, name), 'utf8'))?.tag;
    const record = tag === undefined ? undefined : await readRecord(archives, tag);
    if (record !== undefined) records.push(record);
  }
  return records.sort((a, b) => a.tag.localeCompare(b.tag));
}

/**
 * Removes archives that no record names, older than the grace. Call it with the lock held.
 *
 * @param now milliseconds since the epoch.
 */
export async function sweepArchives(archives: string, now: number): Promise<void> {
  const named = new Set((await listRecords(archives)).map((record) => record.archive));
  for (const name of await readdir(archives).catch(() => [])) {
    const path = join(archives, name);
    if (!name.endsWith('.tar') || named.has(path)) continue;
    const { mtimeMs } = await stat(path);
    if (now - mtimeMs > GRACE_MS) await rm(path, { force: true });
  }
}

/** Reads a record; anything else than a whole one counts as none, and the image is then made again. */
export function parseRecord(text: string): ImageRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { tag, id, key, archive, bytes } = value as Record<string, unknown>;
  if (typeof tag !== 'string' || typeof id !== 'string' || typeof archive !== 'string') return undefined;
  if (typeof bytes !== 'number' || (key !== undefined && typeof key !== 'string')) return undefined;
  return { tag, id, key, archive, bytes };
}

function absent(error: unknown): undefined {
  if (hasErrno(error, 'ENOENT')) return undefined;
  throw error;
}
