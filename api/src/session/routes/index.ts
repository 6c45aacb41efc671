import type { z } from 'zod';
import type { Route } from '../route.ts';
import { directoryRoutes } from './directory.ts';
import { eventRoutes } from './events.ts';
import { messageRoutes } from './messages.ts';
import { sessionRoutes } from './session.ts';
import { webhookRoutes } from './webhooks.ts';

/** All routes of the session's API. */
export const routes = {
  ...messageRoutes,
  ...eventRoutes,
  ...webhookRoutes,
  ...sessionRoutes,
  ...directoryRoutes,
} as const satisfies Record<string, Route>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;

type Body<N extends RouteName> = Routes[N]['body'] extends z.ZodType ? Routes[N]['body'] : z.ZodUndefined;

/** What a caller gives, before defaults. */
export interface RouteInput<N extends RouteName> {
  readonly params: z.input<Routes[N]['params']>;
  readonly query: z.input<Routes[N]['query']>;
  readonly headers: z.input<Routes[N]['headers']>;
  readonly body: z.input<Body<N>>;
}

/** What a handler gets: validated, with defaults. */
export interface RouteRequest<N extends RouteName> {
  readonly params: z.output<Routes[N]['params']>;
  readonly query: z.output<Routes[N]['query']>;
  readonly headers: z.output<Routes[N]['headers']>;
  readonly body: z.output<Body<N>>;
}
