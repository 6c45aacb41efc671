import { rules } from './field-kinds.ts';
import { GROUP, KIND, PLURAL, VERSION } from './reserved.ts';
import { sessionSpec } from './spec.ts';
import { sessionStatus } from './status.ts';
import { structuralSchema } from './structural.ts';

const column = (name: string, jsonPath: string, description: string, type = 'string', priority = 0) => ({
  name,
  jsonPath,
  description,
  type,
  ...(priority === 0 ? {} : { priority }),
});

const ready = ".status.conditions[?(@.type=='Ready')]";

/** The CustomResourceDefinition, made from the zod schemas alone. */
export function customResourceDefinition(): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${PLURAL}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: KIND,
        listKind: `${KIND}List`,
        plural: PLURAL,
        singular: KIND.toLowerCase(),
        shortNames: ['was'],
        categories: ['whatsapp'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            column('Phase', '.status.phase', 'What the session is doing'),
            column('Ready', `${ready}.status`, 'Whether a message handed over now can leave now'),
            column('Account', '.status.account.id', 'The linked account'),
            column('Restarts', '.status.restarts.count', 'Restarts within the current window', 'integer'),
            column('Age', '.metadata.creationTimestamp', 'Time since it was created', 'date'),
            column('Reason', `${ready}.reason`, 'Why it is ready, or is not', 'string', 1),
            column('Pod', '.status.podName', 'Its pod', 'string', 1),
          ],
          schema: { openAPIV3Schema: rootSchema() },
        },
      ],
    },
  };
}

function rootSchema() {
  return {
    description:
      'One WhatsApp Web session: a pod, a volume and a Service that send and receive for one account.',
    type: 'object',
    properties: {
      apiVersion: { type: 'string', description: `${GROUP}/${VERSION}` },
      kind: { type: 'string', description: KIND },
      metadata: { type: 'object' },
      spec: structuralSchema(sessionSpec.prefault({})),
      status: structuralSchema(sessionStatus),
    },
    ...rules({
      rule: "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && size(self.metadata.name) <= 52",
      message:
        'metadata.name must be at most 52 lower-case letters, digits and dashes, beginning with a letter: pod, Service and claim bear the same name',
    }),
  };
}
