/** What the closing lines name. */
export interface Surroundings {
  /** What a shell has to know for kubectl to find the cluster; undefined where it knows already. */
  readonly environment: string | undefined;
  readonly namespace: string;
  readonly session: string;
  readonly system: string;
  readonly sandbox: string;
}

/** What a person can try next: a command each. */
export function whatNext({ environment, namespace, session, system, sandbox }: Surroundings): string {
  const rows: readonly (readonly [string, string])[] = [
    ...(environment === undefined ? [] : [['Use the cluster in this shell', environment] as const]),
    ['Play the phone: http://127.0.0.1:8080', `kubectl port-forward -n ${system} service/${sandbox} 8080`],
    [
      'Call the API: http://127.0.0.1:3000/api/docs',
      `kubectl port-forward -n ${namespace} service/${session} 3000`,
    ],
    [
      'Its key',
      `kubectl get secret -n ${namespace} ${session}-api-key -o jsonpath='{.data.api-key}' | base64 -d`,
    ],
    ['Everything that happened', `kubectl events -n ${namespace} --for was/${session}`],
    ['What a session can be told', 'kubectl explain was.spec'],
    [
      'Stop it and keep the account',
      `kubectl patch was -n ${namespace} ${session} --type=merge -p '{"spec":{"operatingMode":"Suspended"}}'`,
    ],
    ['Remove all of it', 'make demo-down'],
  ];
  return rows.map(([what, command]) => `${what}\n    ${command}`).join('\n');
}
