/**
 * Which of the machine's apt sources are Debian's own.
 *
 * A stand-in base has to consist of nothing but Debian, so sources of other vendors are left out, whatever their
 * suites are called. Both notations of apt are understood; options other than `Signed-By` are not carried over.
 */

/** A source of packages, as far as a base needs it. */
export type DebianSource = {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly signedBy: string | undefined;
};

/** A file of /etc/apt, by name and text. */
export type SourcesFile = { readonly name: string; readonly text: string };

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const ONE_LINE = /^deb\s+(?:\[(?<options>[^\]]*)\]\s+)?(?<uri>\S+)\s+(?<suite>\S+)\s+(?<components>.+)$/;

/**
 * The sources to install a release from.
 *
 * @param files the apt source files; `.sources` ones are in stanzas, all others one source a line.
 * @param machineRelease the release the machine itself runs; its suites are turned into the wanted ones, because
 *   the mirrors that have one release have them all.
 * @param release the wanted release, for example `bookworm`.
 */
export function debianSources(
  files: readonly SourcesFile[],
  machineRelease: string,
  release: string,
): DebianSource[] {
  const suites = new Map(
    ['', '-updates', '-security'].map((part) => [`${machineRelease}${part}`, `${release}${part}`]),
  );
  const all = files.flatMap(({ name, text }) =>
    name.endsWith('.sources') ? parseStanzas(text) : parseLines(text),
  );
  return all.filter(isDebians).flatMap((source) => {
    const suite = suites.get(source.suite);
    return suite === undefined ? [] : [{ ...source, suite, components: ['main'] }];
  });
}

/** The text of a `.sources` file with these sources. */
export function renderSources(sources: readonly DebianSource[]): string {
  const stanzas = sources.map(({ uri, suite, components, signedBy }) =>
    [
      'Types: deb',
      `URIs: ${uri}`,
      `Suites: ${suite}`,
      `Components: ${components.join(' ')}`,
      `Signed-By: ${signedBy ?? KEYRING}`,
    ].join('\n'),
  );
  return `${stanzas.join('\n\n')}\n`;
}

function isDebians({ uri, components, signedBy }: DebianSource): boolean {
  if (!components.includes('main')) return false;
  if (signedBy !== undefined) return signedBy.includes('debian-archive');
  const { hostname, pathname } = URL.parse(uri) ?? { hostname: '', pathname: '' };
  return hostname.endsWith('.debian.org') || /\/debian(-security)?\/?$/.test(pathname);
}

function parseLines(text: string): DebianSource[] {
  return text.split('\n').flatMap((line) => {
    const groups = ONE_LINE.exec(line.replace(/#.*/, '').trim())?.groups;
    if (groups === undefined) return [];
    const { options = '', uri = '', suite = '', components = '' } = groups;
    const signedBy = /signed-by=(\S+)/i.exec(options)?.[1];
    return [{ uri, suite, components: words(components), signedBy }];
  });
}

function parseStanzas(text: string): DebianSource[] {
  const withoutComments = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
  return withoutComments.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    for (const line of stanza.replace(/\n[ \t]+/g, ' ').split('\n')) {
      const colon = line.indexOf(':');
      if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
    const field = (name: string) => fields.get(name) ?? '';
    if (!words(field('types')).includes('deb') || field('enabled').toLowerCase() === 'no') return [];
    const components = words(field('components'));
    const signedBy = fields.get('signed-by');
    return words(field('uris')).flatMap((uri) =>
      words(field('suites')).map((suite) => ({ uri, suite, components, signedBy })),
    );
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
