import { z } from 'zod';
import { conditionType, restartReason, sessionPhase } from './conditions.ts';

/** What the operator has seen of a session. Written when something changes, and never otherwise. */

const time = (description: string) =>
  z.string().meta({ description: `${description} RFC 3339.`, format: 'date-time' });
const text = (description: string) => z.string().meta({ description });
const count = (description: string) => z.int().min(0).meta({ description, format: 'int32' });

export const condition = z
  .object({
    type: conditionType.meta({ description: 'What it is about.' }),
    status: z.enum(['True', 'False', 'Unknown']).meta({ description: 'Whether it holds.' }),
    observedGeneration: z.int().min(0).optional().meta({
      description: 'Generation of the session that it was judged by.',
      format: 'int64',
    }),
    lastTransitionTime: time('When its status last changed.'),
    reason: z.string().min(1).max(1024).meta({ description: 'One word for programs; a closed list.' }),
    message: z.string().max(32768).meta({ description: 'For people: what is so, and what to do.' }),
  })
  .meta({ description: 'A metav1.Condition.' });
export type Condition = z.infer<typeof condition>;

export const sessionStatus = z
  .object({
    phase: sessionPhase
      .optional()
      .meta({ description: 'One word for people. Programs look at the conditions.' }),
    observedGeneration: z.int().min(0).optional().meta({
      description: 'Generation of the session that this status is about.',
      format: 'int64',
    }),
    conditions: z
      .array(condition)
      .max(16)
      .optional()
      .meta({
        description:
          'Ready, PodScheduled, StorageReady, Paired, Connected; while they apply Suspended, Paused, Updating, RestartLimitExceeded.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      }),
    account: z
      .object({
        id: text('Number of the account at WhatsApp, `<digits>@c.us`.'),
        name: text('Name that the account gives itself.').optional(),
        platform: text('What its phone is.').optional(),
      })
      .optional()
      .meta({ description: 'The linked account, kept while it is suspended.' }),
    endpoint: text("Address of the session's HTTP API within the cluster.").optional(),
    podName: text('Name of the pod, while there is one.').optional(),
    podUID: text('UID of the pod that account and versions were last heard from.').optional(),
    image: text('Image that the session runs, and keeps when its pod is lost.').optional(),
    apiKeySecret: text('Name of the Secret with the key of the HTTP API.').optional(),
    restarts: z
      .object({
        count: count('Restarts that counted since windowStart.'),
        windowStart: time('When the first of them was.').optional(),
        lastReason: restartReason.optional().meta({ description: 'What ended the container the last time.' }),
        lastTime: time('When that was.').optional(),
        podUID: text('Pod of which containerRestarts are counted already.').optional(),
        containerRestarts: count('Restarts of its container that are counted already.').optional(),
        restartAt: text('Value of the restart annotation that was last acted upon.').optional(),
      })
      .optional()
      .meta({ description: 'The restart budget.' }),
    lastDisconnect: z
      .object({
        reason: text('Why, from the closed list of the session API.'),
        time: time('When.'),
      })
      .optional()
      .meta({ description: 'The last time that a connection was lost.' }),
    connectedSince: time('Since when it is connected.').optional(),
    versions: z
      .object({
        engine: text('Name and version of the library that drives WhatsApp Web.').optional(),
        browser: text('Version of the browser.').optional(),
        whatsappWeb: text('Version of the page.').optional(),
      })
      .optional()
      .meta({ description: 'What runs in the pod.' }),
  })
  .meta({ description: 'What the operator has seen of the session.' });
export type SessionStatus = z.infer<typeof sessionStatus>;
