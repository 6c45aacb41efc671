import type { z } from 'zod';
import { accountRoutes } from './routes/account-routes.ts';
import { faultRoutes } from './routes/fault-routes.ts';
import { messageRoutes } from './routes/message-routes.ts';
import { recordRoutes } from './routes/record-routes.ts';
import type { Route } from './routes/route.ts';

/**
 * The control API: every route with the shape of what goes in and what comes out. The server validates with
 * it, the client is typed by it, and the OpenAPI document is generated from it.
 */
export const routes = {
  ...accountRoutes,
  ...messageRoutes,
  ...faultRoutes,
  ...recordRoutes,
} satisfies Record<string, Route>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;

/** What a caller gives: path parameters, query and body, each as it is before defaults. */
export interface RouteInput<N extends RouteName> {
  readonly params: z.input<Routes[N]['params']>;
  readonly query: z.input<Routes[N]['query']>;
  readonly body: z.input<Routes[N]['body']>;
}

/** What a handler gets: validated, with defaults. */
export interface RouteRequest<N extends RouteName> {
  readonly params: z.output<Routes[N]['params']>;
  readonly query: z.output<Routes[N]['query']>;
  readonly body: z.output<Routes[N]['body']>;
}

export type RouteResult<N extends RouteName> = z.output<Routes[N]['result']>;
