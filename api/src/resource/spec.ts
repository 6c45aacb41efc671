import { z } from 'zod';
import { duration, objectName, quantity, rules, secretKeyRef } from './field-kinds.ts';
import { podTemplate, resources } from './pod-template.ts';

/** What a person asks of a session. `{}` is complete: every default is in the schema. */

const pairing = z
  .object({
    method: z.enum(['QRCode', 'PairingCode']).default('QRCode').meta({
      description: 'Whether the account is linked by scanning a QR code or by typing a code on the phone.',
    }),
    phoneNumber: z
      .string()
      .max(15)
      .regex(/^[1-9][0-9]{6,14}$/)
      .optional()
      .meta({
        description:
          'Number of the phone that types the pairing code: country code and number, 7 to 15 digits, no plus.',
      }),
  })
  .refine((value) => (value.method === 'PairingCode') === (value.phoneNumber !== undefined))
  .meta({
    description:
      'How the account is linked. A change replaces the pod; an account that is linked stays linked.',
    ...rules(
      {
        rule: "self.method != 'PairingCode' || has(self.phoneNumber)",
        message: 'phoneNumber is required with method PairingCode: digits only, with country code',
      },
      {
        rule: "self.method == 'PairingCode' || !has(self.phoneNumber)",
        message: 'phoneNumber is only used with method PairingCode: set that method, or leave the number out',
      },
    ),
  });

const storage = z
  .object({
    size: quantity(
      'Size of the volume with profile, outbox and event log. It can grow, where the class allows that.',
      '64Mi',
      {
        rule: 'quantity(string(self)).compareTo(quantity(string(oldSelf))) >= 0',
        message: 'can only grow, because volumes cannot shrink',
      },
    ).default('1Gi'),
    storageClassName: objectName(
      "Storage class of the volume; the cluster's default if not given. Immutable.",
    ).optional(),
    accessMode: z
      .enum(['ReadWriteOncePod', 'ReadWriteOnce'])
      .default('ReadWriteOncePod')
      .meta({
        description:
          'Access mode of the volume. ReadWriteOncePod makes the cluster itself refuse a second pod; ReadWriteOnce is for provisioners without it. Immutable.',
        ...rules({
          rule: 'self == oldSelf',
          message: 'is immutable: delete the session, its claim is kept, and create it anew',
        }),
      }),
    retentionPolicy: z.enum(['Retain', 'Delete']).default('Retain').meta({
      description:
        'What happens to the volume when the session is deleted. Retain keeps it, and a session of the same name takes it up again without a new scan; Delete deletes it with the session.',
    }),
  })
  .meta({
    description: 'The volume that holds the account, the outbox and the event log.',
    ...rules({
      rule: 'has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)',
      message: 'storageClassName is immutable: delete the session, its claim is kept, and create it anew',
    }),
  });

const sending = z
  .object({
    ratePerMinute: z.int().min(1).max(6000).default(60).meta({
      description:
        'Messages that are handed to WhatsApp per minute at most, 1 to 6000. Fast senders are blocked by WhatsApp.',
    }),
    maxAttempts: z
      .int()
      .min(1)
      .max(100)
      .default(8)
      .meta({ description: 'How often a message is tried before it has failed, 1 to 100.' }),
    ackTimeout: duration(
      "How long WhatsApp's acknowledgement of a message may take before the connection is renewed.",
      '1s',
      '10m',
    ).default('30s'),
    expiresAfter: duration('Age at which a message that has not left is given up.', '1m', '720h').default(
      '24h',
    ),
    unproven: z.enum(['Resend', 'Hold']).default('Resend').meta({
      description:
        'What happens to a message of which nothing can be proven: Resend hands it over again under the same message id, Hold ends it as unknown.',
    }),
  })
  .meta({
    description: 'How messages are handed to WhatsApp. A change replaces the pod; the outbox is kept.',
  });

const restarts = z
  .object({
    limit: z.int().min(0).max(1000).default(5).meta({
      description:
        'How many restarts (failed liveness, out of memory, crash) are allowed within the window, 0 to 1000. Evictions, drains and restarts that were asked for do not count.',
    }),
    window: duration('The time that restarts are counted over.', '1m', '168h').default('10m'),
  })
  .meta({
    description:
      'Restart budget. One restart more, and the pod is stopped, phase Failed, until the spec changes or a restart is asked for.',
  });

const browser = z
  .object({
    flavor: z.enum(['HeadlessShell', 'Chromium']).default('HeadlessShell').meta({
      description:
        'Which browser runs WhatsApp Web. HeadlessShell needs half the memory; Chromium is harder to tell from a person.',
    }),
    args: z.array(z.string().min(3).max(1024).regex(/^--/)).max(64).default([]).meta({
      description:
        "Command-line arguments in addition to the operator's own, each beginning with two dashes.",
    }),
    seccompProfile: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[^/.][-._a-zA-Z0-9/]*$/)
      .optional()
      .meta({
        description:
          "Seccomp profile below the kubelet's seccomp folder that allows Chromium's own sandbox (clone, unshare, setns, chroot). With it that sandbox is on; without it RuntimeDefault applies and the pod is the only wall.",
      }),
  })
  .meta({ description: 'The browser. A change replaces the pod.' });

export const sessionSpec = z
  .object({
    operatingMode: z
      .enum(['Running', 'Suspended'])
      .default('Running')
      .meta({ description: 'Running, or Suspended: no pod, while volume, account and outbox are kept.' }),
    pairing: pairing.prefault({}),
    storage: storage.prefault({}),
    sending: sending.prefault({}),
    restarts: restarts.prefault({}),
    apiKeySecretRef: secretKeyRef(
      "The key of the session's HTTP API. If not given, the operator makes the Secret <session>-api-key, once, with the key api-key.",
    ).optional(),
    browser: browser.prefault({}),
    proxy: z
      .object({
        secretRef: secretKeyRef(
          'Where the URL of the proxy is: http://, https:// or socks5://, with user and password if needed.',
        ),
      })
      .optional()
      .meta({ description: 'Proxy through which the browser reaches WhatsApp. A change replaces the pod.' }),
    image: z
      .string()
      .min(1)
      .max(512)
      .regex(/^[^\s]+$/)
      .optional()
      .meta({
        description:
          "Image of the session. If not given: the operator's default at the session's last deliberate start; a newer operator does not restart sessions.",
      }),
    imagePullPolicy: z
      .enum(['Always', 'IfNotPresent', 'Never'])
      .default('IfNotPresent')
      .meta({ description: 'When the node pulls the image.' }),
    resources: resources.prefault({}),
    podTemplate: podTemplate.optional(),
  })
  .meta({ description: 'What is asked of the session. An empty spec is valid.' });

/** A spec as the API server gives it: with every default. */
export type SessionSpec = z.infer<typeof sessionSpec>;
