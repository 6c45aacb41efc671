import type { Route } from '@whatsapp-operator/api/session';
import { json, type Request, type Response } from 'express';
import type { MediaStore, StagedMedia } from '../media/media.ts';
import type { BodyBudget } from './body-budget.ts';
import { readMultipart } from './multipart.ts';
import { ProblemError } from './problem-error.ts';

/** A body as it came, before the route's shape has seen it. */
export interface Body {
  readonly value: unknown;
  readonly files: ReadonlyMap<string, StagedMedia>;
}

export interface BodyReader {
  readonly read: (route: Route, request: Request, response: Response, signal: AbortSignal) => Promise<Body>;
}

const NO_FILES: ReadonlyMap<string, StagedMedia> = new Map();

/** @param maxBody bytes of a JSON body; files of a multipart body have the media store's limit */
export function bodyReader(maxBody: number, budget: BodyBudget, media: MediaStore): BodyReader {
  const parseJson = json({ limit: maxBody, inflate: false, strict: false, type: () => true });

  async function readJson(request: Request, response: Response): Promise<unknown> {
    const giveBack = budget.take(announcedLength(request));
    try {
      await new Promise<void>((resolve, reject) => {
        parseJson(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
      });
      return request.body;
    } finally {
      giveBack();
    }
  }

  async function readParts(request: Request, signal: AbortSignal): Promise<Body> {
    const { fields, files } = await readMultipart(request, media, signal);
    try {
      return { value: messageOfParts(fields, files), files };
    } catch (error) {
      for (const file of files.values()) file.release();
      throw error;
    }
  }

  return {
    read: async (route, request, response, signal) => {
      if (!hasBody(request)) return { value: undefined, files: NO_FILES };
      if (route.body === undefined) throw new ProblemError('invalid_request', 'this route takes no body');
      const type = contentType(request) ?? 'application/json';
      if (isJson(type)) return { value: await readJson(request, response), files: NO_FILES };
      if (type === MULTIPART && MULTIPART in route.otherBodies) return await readParts(request, signal);
      const taken = ['application/json', ...Object.keys(route.otherBodies)].join(' or ');
      throw new ProblemError(
        'unsupported_media_type',
        `${type.slice(0, 100)} is not taken here: send ${taken}`,
      );
    },
  };
}

const MULTIPART = 'multipart/form-data';

/** `curl -d` announces a form; what it carries is nearly always JSON, and says so itself by being parsable. */
const isJson = (type: string): boolean =>
  type === 'application/json' || type.endsWith('+json') || type === 'application/x-www-form-urlencoded';

const contentType = (request: Request): string | undefined =>
  request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();

const hasBody = (request: Request): boolean =>
  request.headers['transfer-encoding'] !== undefined || (announcedLength(request) ?? 0) > 0;

function announcedLength(request: Request): number | undefined {
  const length = request.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/** The JSON of the part `message`, or the request that the simple fields stand for. */
function messageOfParts(
  fields: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, StagedMedia>,
): unknown {
  const written = fields.get('message');
  if (written === undefined) return simpleMessage(fields, files);
  if (fields.size > 1)
    throw new ProblemError('invalid_multipart', 'the part `message` says it all: no other fields beside it');
  try {
    return JSON.parse(written);
  } catch (cause) {
    throw new ProblemError('invalid_json', 'the part `message` cannot be parsed as JSON', { cause });
  }
}

function simpleMessage(
  fields: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, StagedMedia>,
): unknown {
  const { to, type = 'document', ...rest } = Object.fromEntries(fields);
  const [part] = files.keys();
  return { to, content: { type, ...rest, ...(part === undefined ? {} : { media: { part } }) } };
}
