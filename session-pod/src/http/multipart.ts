import type { Readable } from 'node:stream';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import type { Request } from 'express';
import type { MediaStore, StagedMedia } from '../media/media.ts';
import { ProblemError } from './problem-error.ts';

/** Files of one request; one message has one. */
const MAX_FILES = 1;
const MAX_FIELDS = 16;
const MAX_FIELD_SIZE = 256 * 1024;

export interface MultipartBody {
  readonly fields: ReadonlyMap<string, string>;
  /** Already on the volume; whoever gets them has to release them. */
  readonly files: ReadonlyMap<string, StagedMedia>;
}

/**
 * Reads a multipart request: files go to the volume as they come, never as a whole into memory.
 *
 * @throws ProblemError `invalid_multipart`, `payload_too_large`; Failure<MediaFailureCode>. Nothing stays staged then.
 */
export async function readMultipart(
  request: Request,
  media: MediaStore,
  signal: AbortSignal,
): Promise<MultipartBody> {
  const fields = new Map<string, string>();
  const files = new Map<string, StagedMedia>();
  const streams: Readable[] = [];
  const staging: Promise<void>[] = [];
  try {
    await parse(request, signal, {
      field: (name, value) => {
        if (fields.has(name)) throw broken(`the field ${JSON.stringify(name)} comes twice`);
        fields.set(name, value);
      },
      file: (name, stream, filename, mimetype) => {
        const staged = media
          .stage(stream, { filename, mimetype, signal })
          .then((file) => void files.set(name, file))
          .finally(() => stream.resume());
        streams.push(stream);
        // Whoever stages it sees the error; before anybody reads, it would end the process.
        stream.on('error', () => {});
        staging.push(staged);
        return staged;
      },
    });
    await Promise.all(staging);
    return { fields, files };
  } catch (error) {
    // What is cut off never ends by itself.
    for (const stream of streams) stream.destroy(broken('the body ended within the file'));
    await Promise.allSettled(staging);
    for (const file of files.values()) file.release();
    throw error;
  }
}

interface PartHandlers {
  readonly field: (name: string, value: string) => void;
  readonly file: (name: string, stream: Readable, filename?: string, mimetype?: string) => Promise<void>;
}

/** Resolves at the end of the body, when every part was handed on; rejects at the first thing that is wrong. */
async function parse(request: Request, signal: AbortSignal, handlers: PartHandlers): Promise<void> {
  const busboy = open(request);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (error: unknown) => reject(error instanceof Error ? error : new Error(String(error)));
  const guarded = (run: () => void) => {
    try {
      run();
    } catch (error) {
      fail(error);
    }
  };
  busboy.on('field', (name: string, value: string, _nameCut: boolean, valueCut: boolean) => {
    guarded(() => {
      if (valueCut) throw new ProblemError('payload_too_large', `a field may have ${MAX_FIELD_SIZE} bytes`);
      handlers.field(name, value);
    });
  });
  busboy.on(
    'file',
    (name: string, stream: Readable, filename: string, _encoding: string, mimetype: string) => {
      handlers.file(name, stream, safeName(filename), mimetype).catch(fail);
    },
  );
  busboy.on('filesLimit', () => fail(broken(`a message has at most ${MAX_FILES} file`)));
  busboy.on('fieldsLimit', () => fail(broken(`at most ${MAX_FIELDS} fields are taken`)));
  busboy.on('partsLimit', () => fail(broken('too many parts')));
  busboy.on('error', (cause: unknown) =>
    fail(broken('the parts cannot be told apart, or the last one does not end', cause)),
  );
  busboy.on('finish', resolve);
  request.on('close', () => {
    if (!request.complete) fail(broken('the connection ended before the body did'));
  });
  signal.addEventListener('abort', () => fail(broken('the client has gone')), { once: true });
  request.pipe(busboy);
  try {
    await promise;
  } finally {
    request.unpipe(busboy);
    request.resume();
    if (!busboy.writableFinished) busboy.destroy();
  }
}

function open(request: Request): BusboyInstance {
  try {
    return new Busboy({
      headers: request.headers as BusboyHeaders,
      limits: {
        files: MAX_FILES,
        fields: MAX_FIELDS,
        parts: MAX_FILES + MAX_FIELDS,
        fieldSize: MAX_FIELD_SIZE,
        fieldNameSize: 100,
        headerPairs: 20,
      },
    });
  } catch (cause) {
    throw broken('the Content-Type header has no usable boundary', cause);
  }
}

/** The name alone, without a path and without control characters. */
function safeName(filename: string | undefined): string | undefined {
  const name = filename
    ?.split(/[/\\]/)
    .at(-1)
    ?.replaceAll(/\p{Cc}/gu, '')
    .slice(0, 255);
  return name === undefined || name === '' || name === '.' || name === '..' ? undefined : name;
}

const broken = (detail: string, cause?: unknown): ProblemError =>
  new ProblemError('invalid_multipart', detail, { cause });
