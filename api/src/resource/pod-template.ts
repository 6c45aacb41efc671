import { z } from 'zod';
import { objectName, quantity, rules, secretKeyRef, stringMap } from './field-kinds.ts';
import { GROUP, operatorEnvironment } from './reserved.ts';

/** What a session may say about the pod that runs it: a small, typed part of a pod's own fields. */

const reservedPrefixes = [`${GROUP}/`, 'app.kubernetes.io/'];
const notReserved = {
  rule: `self.all(key, ${reservedPrefixes.map((prefix) => `!key.startsWith('${prefix}')`).join(' && ')})`,
  message: `keys must not begin with ${reservedPrefixes.join(' or ')}: the operator sets those`,
};

const toleration = z
  .object({
    key: z.string().max(317).optional().meta({ description: 'Key of the taint; none means every key.' }),
    operator: z
      .enum(['Exists', 'Equal'])
      .optional()
      .meta({ description: 'How value compares; Equal if not given.' }),
    value: z.string().max(63).optional().meta({ description: 'Value of the taint.' }),
    effect: z
      .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
      .optional()
      .meta({ description: 'Effect of the taint; none means every effect.' }),
    tolerationSeconds: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .optional()
      .meta({ description: 'How many seconds a NoExecute taint is tolerated; for ever if not given.' }),
  })
  .meta({ description: 'A taint of nodes that the pod tolerates.' });

const labelSelector = z
  .object({
    matchLabels: stringMap('Labels that have to be there with these values.').optional(),
  })
  .meta({ description: 'Which pods count. If not given: the pods of all sessions in the namespace.' });

const topologySpreadConstraint = z
  .object({
    maxSkew: z
      .int()
      .min(1)
      .max(1000)
      .meta({ description: 'By how many pods two topology domains may differ.' }),
    topologyKey: z
      .string()
      .min(1)
      .max(317)
      .meta({ description: 'Label of nodes whose values are the domains, such as kubernetes.io/hostname.' }),
    whenUnsatisfiable: z
      .enum(['DoNotSchedule', 'ScheduleAnyway'])
      .default('ScheduleAnyway')
      .meta({ description: 'Whether the pod waits or goes anywhere when the spread cannot be kept.' }),
    labelSelector: labelSelector.optional(),
  })
  .meta({ description: 'How the pods of sessions are spread over nodes.' });

const environmentVariable = z
  .object({
    name: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/)
      .refine(
        (name) => !(operatorEnvironment as readonly string[]).includes(name),
        'is set from other fields',
      )
      .meta({
        description: 'Name of the variable.',
        ...rules({
          rule: `!(self in [${operatorEnvironment.map((name) => `'${name}'`).join(', ')}])`,
          message: 'is a variable that the operator sets from other fields of the spec; set those instead',
        }),
      }),
    value: z.string().max(8192).optional().meta({ description: 'Its value; $(OTHER) is replaced.' }),
    secretKeyRef: secretKeyRef('Takes the value from a key of a Secret.').optional(),
  })
  .refine((variable) => (variable.value === undefined) !== (variable.secretKeyRef === undefined))
  .meta({
    description: 'A variable of the session container.',
    ...rules({
      rule: 'has(self.value) != has(self.secretKeyRef)',
      message: 'needs either value or secretKeyRef, and not both',
    }),
  });

export const podTemplate = z
  .object({
    labels: stringMap('Labels in addition to those that the operator sets.', notReserved).optional(),
    annotations: stringMap(
      'Annotations in addition to those that the operator sets.',
      notReserved,
    ).optional(),
    nodeSelector: stringMap('Labels that a node needs to have to run the pod.').optional(),
    tolerations: z
      .array(toleration)
      .max(32)
      .optional()
      .meta({ description: 'Taints that the pod tolerates.' }),
    affinity: z.record(z.string(), z.unknown()).optional().meta({
      description:
        "Affinity, as in a pod's own spec. The API server checks it when the pod is made; if it refuses, the condition Ready says so, and a pod that is running goes on.",
      'x-kubernetes-preserve-unknown-fields': true,
    }),
    topologySpreadConstraints: z
      .array(topologySpreadConstraint)
      .max(8)
      .optional()
      .meta({ description: 'How the pods of sessions are spread over nodes.' }),
    priorityClassName: objectName('Priority class of the pod.').optional(),
    runtimeClassName: objectName('Runtime class of the pod, such as gvisor.').optional(),
    imagePullSecrets: z
      .array(
        z.object({ name: objectName("Name of the Secret, in the session's namespace.") }).meta({
          description: 'A Secret with which the image is pulled.',
        }),
      )
      .max(8)
      .optional()
      .meta({
        description: 'Secrets with which the image is pulled.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      }),
    env: z
      .array(environmentVariable)
      .max(64)
      .optional()
      .meta({
        description: 'Variables of the session container in addition to those that the operator sets.',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      }),
  })
  .meta({ description: 'What the pod has beyond what a session needs. A change replaces the pod.' });
export type PodTemplate = z.infer<typeof podTemplate>;

const cpu = (description: string) => quantity(`${description}, in cores.`, '1m');
const memory = (description: string, least: string) => quantity(`${description}, in bytes.`, least);

export const resources = z
  .object({
    requests: z
      .object({
        cpu: cpu('Processor time that the node keeps for the session').default('100m'),
        memory: memory('Memory that the node keeps for the session', '64Mi').default('384Mi'),
      })
      .prefault({})
      .meta({ description: 'What the node keeps for the session.' }),
    limits: z
      .object({
        cpu: cpu('Processor time that the session can use at most; without a limit if not given').optional(),
        memory: memory('Memory at which the session is killed and restarted (OOMKilled)', '128Mi').default(
          '1Gi',
        ),
      })
      .prefault({})
      .meta({ description: 'What the session can use at most.' }),
  })
  .meta({
    description: 'Processor time and memory of the session container. A change replaces the pod.',
    ...rules(
      {
        rule: 'quantity(string(self.requests.memory)).compareTo(quantity(string(self.limits.memory))) <= 0',
        message: 'requests.memory (384Mi if not given) must not be above limits.memory (1Gi if not given)',
      },
      {
        rule: '!has(self.limits.cpu) || quantity(string(self.requests.cpu)).compareTo(quantity(string(self.limits.cpu))) <= 0',
        message: 'requests.cpu (100m if not given) must not be above limits.cpu',
      },
    ),
  });
