import { z } from 'zod';
import { eventPageSchema, eventTypes } from '../event.ts';
import { json, limit, route } from '../route.ts';
import { waitSeconds } from './messages.ts';

/** Routes of the event log: reading it, and following it. */

const position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const inEvent = z.strictObject({ id: position.min(1) });

export const eventRoutes = {
  listEvents: route({
    method: 'GET',
    path: '/api/v1/events',
    tag: 'Events',
    summary: 'What has happened, in order',
    description:
      'Keep `next` and pass it as `after`: nothing is missed and nothing comes twice, whatever dies in between. With ' +
      '`wait` the answer comes as soon as there is an event, or empty when the time is over.',
    query: z.strictObject({
      after: position.default(0).describe('The id of the last event that is known; 0 begins with the oldest'),
      types: eventTypes.optional(),
      wait: waitSeconds.optional().describe('How long to wait for an event when there is none'),
      limit: limit(100, 1000),
    }),
    answers: { 200: json('The events', eventPageSchema) },
    problems: [],
  }),
  streamEvents: route({
    method: 'GET',
    path: '/api/v1/events/stream',
    tag: 'Events',
    summary: 'The same as a stream (server-sent events)',
    description:
      'Each event has its id as `id` and its type as `event`. A client that comes back with `Last-Event-ID` gets what ' +
      'it missed. Without it and without `after` the stream begins with what happens next. A comment comes every 15 seconds.',
    headers: z.strictObject({
      'last-event-id': z
        .string()
        .regex(/^\d{1,15}$/, 'must be the id of an event')
        .transform(Number)
        .optional()
        .describe('As an EventSource sends it'),
    }),
    query: z.strictObject({
      after: position.optional().describe('Where to begin, when there is no `Last-Event-ID`'),
      types: eventTypes.optional(),
    }),
    answers: {
      200: { description: 'Events, for ever', content: [{ type: 'bytes', mimetype: 'text/event-stream' }] },
    },
    problems: [],
  }),
  getEventMedia: route({
    method: 'GET',
    path: '/api/v1/events/:id/media',
    tag: 'Events',
    summary: 'The file of a message',
    description:
      'Fetched from WhatsApp when it is asked for first, then kept on the volume for a while. With INBOX_MEDIA=eager it ' +
      'is fetched as soon as the message is in the log. WhatsApp keeps files for some weeks.',
    params: inEvent,
    answers: {
      200: {
        description: 'The file, with the content type that its sender gave it',
        content: [{ type: 'bytes', mimetype: 'application/octet-stream' }],
        headers: { 'Content-Disposition': 'Its name, where it has one' },
      },
    },
    problems: [
      'event_not_found',
      'media_gone',
      'media_too_large',
      'not_connected',
      'engine_timeout',
      'engine_failed',
      'storage_full',
      'storage_failed',
    ],
  }),
} as const;
