import { describe, expect, it } from 'vitest';
import { debianSources, renderSources } from './debian-sources.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const MIRROR = 'http://mirror.example/debian';

const rows: readonly { name: string; file: string; text: string; expected: readonly string[] }[] = [
  {
    name: 'takes stanzas with several suites and leaves comments out',
    file: 'debian.sources',
    text: `Types: deb\n# a comment\nURIs: ${MIRROR}\nSuites: bookworm bookworm-updates\nComponents: main contrib\nSigned-By: ${KEYRING}\n`,
    expected: [`${MIRROR} bookworm`, `${MIRROR} bookworm-updates`],
  },
  {
    name: 'takes folded fields',
    file: 'debian.sources',
    text: `Types: deb\nURIs: ${MIRROR}\nSuites: bookworm\n bookworm-security\nComponents: main\nSigned-By:\n ${KEYRING}\n`,
    expected: [`${MIRROR} bookworm`, `${MIRROR} bookworm-security`],
  },
  {
    name: 'leaves out stanzas that are switched off or hold sources only',
    file: 'debian.sources',
    text: `Enabled: no\nTypes: deb\nURIs: ${MIRROR}\nSuites: bookworm\nComponents: main\n\nTypes: deb-src\nURIs: ${MIRROR}\nSuites: bookworm\nComponents: main\n`,
    expected: [],
  },
  {
    name: 'takes lines, with and without options',
    file: 'sources.list',
    text: `deb ${MIRROR} bookworm main\ndeb [arch=amd64 signed-by=${KEYRING}] ${MIRROR} bookworm-updates main # own\n# deb ${MIRROR} bookworm main\ndeb-src ${MIRROR} bookworm main`,
    expected: [`${MIRROR} bookworm`, `${MIRROR} bookworm-updates`],
  },
  {
    name: 'leaves out other vendors, whatever their suites are called',
    file: 'sources.list',
    text: 'deb [signed-by=/usr/share/keyrings/vendor.gpg] http://vendor.example/debian bookworm main\ndeb http://vendor.example/apt bookworm main\ndeb http://mirror.example/debian bookworm stable',
    expected: [],
  },
  {
    name: 'leaves out other suites of Debian',
    file: 'sources.list',
    text: `deb ${MIRROR} bookworm-backports main\ndeb ${MIRROR} sid main`,
    expected: [],
  },
];

describe("Debian's own sources", () => {
  it.each(rows)('$name', ({ file, text, expected }) => {
    const found = debianSources([{ name: file, text }], 'bookworm', 'bookworm');
    expect(found.map(({ uri, suite }) => `${uri} ${suite}`)).toEqual(expected);
    expect(found.every(({ components }) => components.join() === 'main')).toBe(true);
  });

  it('are turned into those of the wanted release', () => {
    const text = `deb ${MIRROR} trixie main\ndeb ${MIRROR} trixie-security main\ndeb ${MIRROR} bookworm main`;
    const found = debianSources([{ name: 'sources.list', text }], 'trixie', 'bookworm');
    expect(found.map(({ suite }) => suite)).toEqual(['bookworm', 'bookworm-security']);
  });

  it('come out the same when written and read again', () => {
    const source = { uri: MIRROR, suite: 'bookworm', components: ['main'], signedBy: KEYRING };
    const other = { ...source, suite: 'bookworm-updates' };
    const text = renderSources([source, other]);
    expect(debianSources([{ name: 'x.sources', text }], 'bookworm', 'bookworm')).toEqual([source, other]);
  });
});
