import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { messageStatus, routes } from '../api/src/session/index.ts';
import { operatorMetrics, processMetrics, seriesNames, sessionMetrics } from './catalogue.ts';
import { seriesIn } from './promql.ts';
import { recordingRules } from './rules/recording.ts';
import { pace } from './rules/rule.ts';
import { allAlerts } from './rules/rule-file.ts';

/** Runbooks: one for each alert, complete, and with commands that there are. */

const folder = new URL('../docs/runbooks', import.meta.url).pathname;
const files = (await readdir(folder)).filter((file) => file.endsWith('.md') && file !== 'README.md');
const pages = await Promise.all(
  files.map(async (file) => [file.replace('.md', ''), await readFile(join(folder, file), 'utf8')] as const),
);

const SECTIONS = [
  'What it means',
  'What users notice',
  'How to look',
  'How to fix it',
  'How to tell that it is over',
];

/** Verbs of kubectl that the runbooks use, and resources that they use them on. */
const VERBS = [
  'get',
  'describe',
  'logs',
  'port-forward',
  'annotate',
  'patch',
  'exec',
  'top',
  'rollout',
  'wait',
  'drain',
  'auth',
];
const RESOURCES = [
  'was',
  'pod',
  'pods',
  'pvc',
  'nodes',
  'events',
  'networkpolicies',
  'podmonitors',
  'servicemonitors',
  'deployment',
  'lease',
  'resourcequotas',
  'storageclasses',
  'secret',
];

const blocks = (page: string, language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text);
const commands = (page: string): readonly string[] =>
  blocks(page, 'sh').flatMap((block) => block.trim().split('\n'));

it('there is one for each alert, and none for another', () => {
  expect(new Set(files.map((file) => file.replace('.md', '')))).toEqual(
    new Set(allAlerts(pace(1)).map(({ alert }) => alert)),
  );
});

it.each(pages)('%s says what there is to say, in this order', (name, page) => {
  expect(page.startsWith(`# ${name}\n`)).toBe(true);
  expect([...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(SECTIONS);
  for (const section of page.split(/^## .*$/m).slice(1)) expect(section.trim().length).toBeGreaterThan(15);
  expect(blocks(page, 'sh').length + blocks(page, 'promql').length).toBeGreaterThan(0);
});

it.each(pages)('%s asks only for series that exist', (_name, page) => {
  const known = new Set([
    ...seriesNames([...sessionMetrics(), ...operatorMetrics(), ...processMetrics()]),
    ...recordingRules(pace(1)).flatMap(({ rules }) => rules.map(({ record }) => record)),
  ]);
  const named = [
    ...blocks(page, 'promql').flatMap(seriesIn),
    ...[...page.matchAll(/`((?:whatsapp|leader_election)[a-z_:]*_\w+)(?:\{[^`]*\})?`/g)].map(
      ([, series = '']) => series,
    ),
  ];
  const missing = named.filter((series) => !known.has(series) && !known.has(`${series}_bucket`));
  expect(missing).toEqual([]);
});

it.each(pages)('%s uses only what kubectl and the API of sessions have', (_name, page) => {
  for (const command of commands(page)) {
    const words = command.replace(/^kubectl -n "\$NS"/, 'kubectl').split(/\s+/);
    if (words[0] === 'kubectl') {
      expect(VERBS, command).toContain(words[1]);
      const on = words[1] === 'rollout' ? words[3] : words[2];
      if (
        !['logs', 'port-forward', 'exec', 'auth', 'drain', 'top'].includes(words[1] ?? '') &&
        on !== '--raw'
      )
        expect(RESOURCES, command).toContain(on?.split('/')[0]);
    } else {
      expect(words[0], command).toBe('curl');
      checkRequest(command);
    }
  }
});

it.each(pages)('%s leads only to pages that exist', (_name, page) => {
  for (const [, target = ''] of page.matchAll(/\]\(([^)]+\.md)\)/g)) expect(files).toContain(target);
});

/** The route is in the contract, and so is the status that it asks for. */
function checkRequest(command: string): void {
  const method = /-X (\w+)/.exec(command)?.[1] ?? 'GET';
  const address = /localhost:3000([^"\s]+)/.exec(command)?.[1] ?? '';
  const [path = '', query] = address.split('?');
  const found = Object.values(routes).some(
    (route) =>
      route.method === method && new RegExp(`^${route.path.replaceAll(/:\w+/g, '\\$\\w+')}$`).test(path),
  );
  expect(found, command).toBe(true);
  const status = /status=(\w+)/.exec(query ?? '')?.[1];
  if (status !== undefined) expect(messageStatus.options, command).toContain(status);
}
