import type { WireChat } from '../wire.ts';
import type { World } from '../world/world.ts';
import type { RouteResult } from './contract.ts';

/** A chat with its latest message, as a phone's list of chats shows it. */
export function describeChat(
  world: World,
  account: string,
  chat: WireChat,
): RouteResult<'listChats'>[number] {
  const last = world.messages.page(account, chat.jid, null, 1)[0];
  return { ...chat, last: last === undefined ? null : { ...last } };
}
