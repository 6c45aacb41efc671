import { describeAccount } from '../control/describe-account.ts';
import { describeChat } from '../control/describe-chat.ts';
import type { Hub } from '../web/hub.ts';
import type { World } from '../world/world.ts';
import type { LiveSource } from './live-feed.ts';

/** The push feed's view of the world: what a marked place holds now. */
export const liveSource = (world: World, hub: Hub): LiveSource => ({
  ledgerAfter: (after) => world.ledger.read({ after }),
  ledgerEnd: () => world.ledger.end(),
  read: (mark) => {
    switch (mark.kind) {
      case 'account': {
        const account = world.accounts.find(mark.number);
        return account && { kind: 'account', account: describeAccount(world, hub, account) };
      }
      case 'links':
        return { kind: 'links', links: [...hub.pending()] };
      case 'faults':
        return { kind: 'faults', faults: world.faults.list().map((standing) => ({ ...standing })) };
      case 'chat': {
        const { account, jid } = mark;
        const chat = world.messages.chat(account, jid, (person) => world.accounts.nameOf(account, person));
        return chat && { kind: 'chat', account, chat: describeChat(world, account, chat) };
      }
      case 'group': {
        const group = world.messages.findGroup(mark.jid);
        return group && { kind: 'group', group: { ...group, participants: [...group.participants] } };
      }
      case 'message': {
        const { account, chat, id } = mark;
        const message = world.messages.find(account, chat, id);
        return message && { kind: 'message', account, message: { ...message } };
      }
    }
  },
});
