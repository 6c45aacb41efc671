/** The manifest of the kubectl plugin for krew: pure. */

export interface KrewRelease {
  /** Of the package, without a v. */
  readonly version: string;
  /** Where the archive is found. */
  readonly uri: string;
  /** Of the archive, in hex. */
  readonly sha256: string;
}

export const krewManifest = ({ version, uri, sha256 }: KrewRelease) => ({
  apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
  kind: 'Plugin',
  metadata: { name: 'was' },
  spec: {
    version: `v${version}`,
    shortDescription: 'Link, watch and use WhatsApp sessions',
    description: [
      'Works on the WhatsAppSessions of whatsapp-operator: shows their QR codes, sends',
      'and follows messages, says what is wrong with a session and what to do about it.',
    ].join('\n'),
    caveats:
      'Needs Node 22 or newer in the PATH.\nCompletion: put kubectl_complete-was of the npm package in the PATH.',
    platforms: [
      {
        selector: { matchExpressions: [{ key: 'os', operator: 'In', values: ['darwin', 'linux'] }] },
        uri,
        sha256,
        files: [{ from: '*', to: '.' }],
        bin: 'kubectl-was.js',
      },
    ],
  },
});
