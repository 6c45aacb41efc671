import type { EventResource, EventType, eventRoutes } from '@whatsapp-operator/api/session';
import { typesOf } from '@whatsapp-operator/api/session';
import type { Inbox, StoredEvent } from '../../inbox/index.ts';
import type { MediaFiles } from '../../inbox/media-files.ts';
import { ProblemError } from '../problem-error.ts';
import { type Handlers, jsonReply } from '../reply.ts';

export interface EventParts {
  readonly inbox: Inbox;
  readonly files: MediaFiles;
}

/** Readers that wait or follow at the same time. */
const MAX_READERS = 64;
const HEARTBEAT_MS = 15_000;
const STREAM_BATCH = 100;

export function eventHandlers({ inbox, files }: EventParts): Handlers<keyof typeof eventRoutes> {
  let readers = 0;
  const asReader = async <T>(read: () => Promise<T>): Promise<T> => {
    if (readers >= MAX_READERS) {
      throw new ProblemError('too_many_requests', `${MAX_READERS} readers wait for events already`);
    }
    readers += 1;
    try {
      return await read();
    } finally {
      readers -= 1;
    }
  };
  return {
    listEvents: async ({ query: { after, types, wait, limit } }, { signal }) => {
      const query = { after, limit, types: typesOf(types) };
      let slice = inbox.read(query);
      const until = Date.now() + (wait ?? 0) * 1000;
      if (slice.events.length === 0 && wait !== undefined) {
        await asReader(async () => {
          while (slice.events.length === 0 && Date.now() < until && !signal.aborted) {
            if (!(await inbox.wait(slice.next, until - Date.now(), signal))) break;
            slice = inbox.read({ ...query, after: slice.next });
          }
        });
      }
      return jsonReply(200, {
        events: slice.events.map(describeEvent),
        next: slice.next,
        gap: slice.gap ?? null,
        logId: inbox.logId,
      });
    },
    streamEvents: ({ query: { after, types }, headers }, { signal }) => {
      const begin = headers['last-event-id'] ?? after ?? inbox.bounds.last;
      return {
        status: 200,
        content: {
          type: 'stream',
          mimetype: 'text/event-stream',
          write: (sink) => asReader(() => follow(inbox, begin, typesOf(types), sink, signal)),
        },
      };
    },
    getEventMedia: async ({ params: { id } }) => {
      const { path, mimetype, filename } = await files.get(inbox.get(id));
      return {
        status: 200,
        content: { type: 'file', path, mimetype },
        // Never shown in place: it is somebody else's file.
        headers: { 'content-disposition': disposition(filename) },
      };
    },
  };
}

async function follow(
  inbox: Inbox,
  begin: number,
  types: readonly EventType[] | undefined,
  sink: (text: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let after = begin;
  await sink(`: log ${inbox.logId}\n\n`);
  for (let open = true; open && !signal.aborted; ) {
    const { events, next, gap } = inbox.read({ after, limit: STREAM_BATCH, types });
    if (gap !== undefined) await sink(`event: gap\ndata: ${JSON.stringify(gap)}\n\n`);
    for (const event of events) {
      await sink(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(describeEvent(event))}\n\n`);
    }
    after = next;
    if (events.length > 0) continue;
    open = await inbox.wait(after, HEARTBEAT_MS, signal);
    if (inbox.bounds.last <= after) await sink(': waiting\n\n');
  }
}

export function describeEvent({ id, type, chat, at, occurredAt, payload }: StoredEvent): EventResource {
  return {
    id,
    type,
    chat: chat ?? null,
    at: new Date(at).toISOString(),
    occurredAt: new Date(occurredAt).toISOString(),
    payload,
  } as EventResource;
}

/** RFC 6266, with the name in UTF-8. */
const disposition = (filename: string | undefined): string =>
  filename === undefined
    ? 'attachment'
    : `attachment; filename*=UTF-8''${encodeURIComponent(filename.toWellFormed().slice(0, 200)).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`;
