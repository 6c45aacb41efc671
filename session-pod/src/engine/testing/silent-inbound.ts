import type { InboundEngine } from '../inbound.ts';

/** For scripted engines of tests in which nothing comes in. */
export const silentInbound: InboundEngine = {
  newest: async () => [],
  readBack: async () => ({ messages: [], complete: true }),
  inspect: async () => [],
  openMedia: async () => undefined,
  readMedia: async () => '',
  closeMedia: async () => undefined,
  onHint: () => () => undefined,
};
