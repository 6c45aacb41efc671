import { messageStatus, sessionState } from '@whatsapp-operator/api/session';
import type { Engine } from '../engine/engine.ts';
import type { InboxStats } from '../inbox/index.ts';
import type { OutboxStats } from '../outbox/index.ts';
import type { WebhookState } from '../webhooks/index.ts';
import { type ContainerMemory, readContainerMemory } from './container-memory.ts';
import { type BrowserMemory, readBrowserMemory } from './process-tree.ts';

/** Where gauges look; they are read at each scrape and kept nowhere. */
export interface GaugeSources {
  readonly engine: Pick<Engine, 'snapshot'>;
  readonly outbox: { readonly stats: () => OutboxStats };
  readonly inbox: { readonly stats: () => InboxStats };
  readonly webhooks: { readonly list: () => readonly WebhookState[] };
  /** Bytes that the volume still has. */
  readonly freeBytes: () => number;
  /** Bytes that the volume has altogether. */
  readonly sizeBytes: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly browserMemory?: () => Promise<BrowserMemory | undefined>;
  readonly containerMemory?: () => Promise<ContainerMemory | undefined>;
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface GaugeDefinition {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: (sources: GaugeSources) => readonly Sample[] | Promise<readonly Sample[]>;
}

const one = (value: number | undefined): readonly Sample[] =>
  value === undefined ? [] : [{ labels: {}, value }];
const flag = (value: boolean): readonly Sample[] => one(value ? 1 : 0);

const enabled = (states: readonly WebhookState[]): readonly WebhookState[] =>
  states.filter(({ endpoint }) => endpoint.enabled);

export const gaugeDefinitions: readonly GaugeDefinition[] = [
  {
    name: 'whatsapp_session_state',
    help: '1 for the state that the session is in, 0 for the others; a message can leave only in Connected',
    labels: ['state'],
    read: ({ engine }) =>
      sessionState.options.map((state) => ({
        labels: { state },
        value: state === engine.snapshot.state ? 1 : 0,
      })),
  },
  {
    name: 'whatsapp_session_state_info',
    help: 'Always 1; its labels are the state that the session is in and why it is',
    labels: ['state', 'reason'],
    read: ({ engine: { snapshot } }) => [
      { labels: { state: snapshot.state, reason: snapshot.lastTransition.reason }, value: 1 },
    ],
  },
  {
    name: 'whatsapp_session_state_since_timestamp_seconds',
    help: 'When the state was entered, in seconds since 1970',
    labels: [],
    read: ({ engine }) => one(engine.snapshot.lastTransition.at / 1000),
  },
  {
    name: 'whatsapp_session_live',
    help: '0 once recovery within the process has given up and the process should be restarted',
    labels: [],
    read: ({ engine }) => flag(engine.snapshot.live),
  },
  {
    name: 'whatsapp_session_registration_durable',
    help: '1 once the link to the account is certainly on the disk, so that a kill needs no new scan',
    labels: [],
    read: ({ engine }) => flag(engine.snapshot.registrationDurable),
  },
  {
    name: 'whatsapp_session_info',
    help: 'Always 1; its labels are the versions of the library, the browser and WhatsApp Web',
    labels: ['engine', 'browser', 'whatsapp_web'],
    read: ({ engine: { snapshot } }) => [
      {
        labels: {
          engine: snapshot.versions.engine,
          browser: snapshot.versions.browser ?? '',
          whatsapp_web: snapshot.versions.whatsappWeb ?? '',
        },
        value: 1,
      },
    ],
  },
  {
    name: 'whatsapp_outbox_messages',
    help: 'Messages on disk by what has become of them; those that ended are deleted some days later',
    labels: ['status'],
    read: ({ outbox }) => {
      const { byStatus } = outbox.stats();
      return messageStatus.options.map((status) => ({ labels: { status }, value: byStatus[status] }));
    },
  },
  {
    name: 'whatsapp_outbox_oldest_seconds',
    help: 'Age of the oldest message that is queued or sending; 0 when there is none',
    labels: [],
    read: ({ outbox, now }) => {
      const { oldestOpenAt } = outbox.stats();
      return one(oldestOpenAt === undefined ? 0 : Math.max(0, (now() - oldestOpenAt) / 1000));
    },
  },
  {
    name: 'whatsapp_outbox_accepting',
    help: '0 while new messages are refused: the volume is nearly full, too many are queued, or the process is ending',
    labels: [],
    read: ({ outbox }) => flag(outbox.stats().accepting),
  },
  {
    name: 'whatsapp_inbox_events',
    help: 'Events in the log',
    labels: [],
    read: ({ inbox }) => {
      const { first, last } = inbox.stats();
      return one(last - first + 1);
    },
  },
  {
    name: 'whatsapp_inbox_bytes',
    help: 'Bytes of all payloads in the event log, which INBOX_MAX_SIZE bounds',
    labels: [],
    read: ({ inbox }) => one(inbox.stats().bytes),
  },
  {
    name: 'whatsapp_inbox_unread_chats',
    help: 'Chats whose history waits to be read back into the event log',
    labels: [],
    read: ({ inbox }) => one(inbox.stats().backlog),
  },
  {
    name: 'whatsapp_inbox_writing',
    help: '0 while what comes in is left in WhatsApp Web because the volume is nearly full',
    labels: [],
    read: ({ inbox }) => flag(inbox.stats().writing),
  },
  {
    name: 'whatsapp_inbox_settled_timestamp_seconds',
    help: 'When event log and history last agreed, in seconds since 1970',
    labels: [],
    read: ({ inbox }) => {
      const { settledAt } = inbox.stats();
      return one(settledAt === undefined ? undefined : settledAt / 1000);
    },
  },
  {
    name: 'whatsapp_webhook_pending_events',
    help: 'Events that wait to be delivered, of all enabled webhooks together',
    labels: [],
    read: ({ webhooks }) => one(enabled(webhooks.list()).reduce((total, { pending }) => total + pending, 0)),
  },
  {
    name: 'whatsapp_webhook_oldest_pending_seconds',
    help: 'Age of the oldest event that an enabled webhook has not got; 0 when there is none',
    labels: [],
    read: ({ webhooks, now }) => {
      const ages = enabled(webhooks.list()).flatMap(({ oldestPendingAt }) =>
        oldestPendingAt === undefined ? [] : [(now() - oldestPendingAt) / 1000],
      );
      return one(Math.max(0, ...ages));
    },
  },
  {
    name: 'whatsapp_webhook_dead_letters',
    help: 'Events that were given up and can be sent again',
    labels: [],
    read: ({ webhooks }) => one(webhooks.list().reduce((total, { dead }) => total + dead, 0)),
  },
  {
    name: 'whatsapp_webhook_disabled',
    help: 'Webhooks that are disabled, by request or because the receiver said that it is gone',
    labels: [],
    read: ({ webhooks }) => one(webhooks.list().filter(({ endpoint }) => !endpoint.enabled).length),
  },
  {
    name: 'whatsapp_data_free_bytes',
    help: 'Bytes that are left on the volume of the data folder',
    labels: [],
    read: ({ freeBytes }) => one(freeBytes()),
  },
  {
    name: 'whatsapp_data_size_bytes',
    help: 'Size of the volume of the data folder',
    labels: [],
    read: ({ sizeBytes }) => one(sizeBytes()),
  },
  {
    name: 'whatsapp_container_memory_working_set_bytes',
    help: 'Memory of the container that the kernel cannot take back; at the limit it ends the container. Absent outside of a control group',
    labels: [],
    read: async ({ containerMemory = readContainerMemory }) => one((await containerMemory())?.workingSet),
  },
  {
    name: 'whatsapp_container_memory_limit_bytes',
    help: 'How much memory the container may use; absent where there is no limit',
    labels: [],
    read: async ({ containerMemory = readContainerMemory }) => one((await containerMemory())?.limit),
  },
  {
    name: 'whatsapp_browser_memory_bytes',
    help: 'Memory of the browser with all its processes, shared pages counted once (PSS)',
    labels: [],
    read: async ({ browserMemory = readBrowserMemory }) => one((await browserMemory())?.bytes),
  },
  {
    name: 'whatsapp_browser_processes',
    help: 'Processes that the browser consists of; 0 while there is no browser',
    labels: [],
    read: async ({ browserMemory = readBrowserMemory }) => one((await browserMemory())?.processes),
  },
];
