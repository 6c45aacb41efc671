import type { Account } from '../store/accounts.ts';
import type { Hub } from '../web/hub.ts';
import type { World } from '../world/world.ts';
import type { RouteResult } from './contract.ts';

/** An account with all its devices, and which of them are connected. */
export function describeAccount(world: World, hub: Hub, account: Account): RouteResult<'getAccount'> {
  return {
    ...account,
    devices: world.accounts.devices(account.number).map(({ id, browser, linkedAt, unlinkedAt, cursor }) => ({
      id,
      browser,
      linkedAt,
      unlinkedAt,
      connected: hub.isConnected(id),
      feedPosition: cursor,
    })),
  };
}
