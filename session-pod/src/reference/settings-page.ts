import { type Variable, variables } from '../settings/variables.ts';
import { GENERATED, table } from './markdown.ts';

/** docs/reference/session-pod-settings.md, from the table that the settings are parsed with. */
export function settingsPage(): string {
  const rows = Object.entries<Variable>(variables).map(([name, { fallback, values, description }]) => [
    `\`${name}\``,
    fallback === undefined || fallback === '' ? '' : `\`${fallback}\``,
    values,
    description,
  ]);
  return `${GENERATED}
# Settings of the session pod

Environment variables, read once at the start; mistakes are told together, and the session pod does not start.
An empty variable counts as not set. Durations are written as \`500ms\`, \`30s\`, \`10m\` or \`24h\`, sizes as \`512Ki\`,
\`16Mi\` or \`1Gi\`.

${table(['variable', 'default', 'values', 'what it is'], rows)}
`;
}
