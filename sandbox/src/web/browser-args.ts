/**
 * The Chromium arguments that send a browser to the sandbox instead of to WhatsApp. Nothing else of a client
 * changes: the page's origin stays https://web.whatsapp.com, and every other name fails to resolve.
 * They need a profile folder (whatsapp-web.js's LocalAuth supplies one).
 *
 * @param address where the browser reaches the sandbox's HTTPS port, as `host:port`
 */
export function browserArgs(address: string, fingerprint: string): readonly string[] {
  const host = address.slice(0, address.lastIndexOf(':'));
  const rules = [
    `MAP web.whatsapp.com ${address}`,
    `MAP *.whatsapp.net ${address}`,
    'MAP * ~NOTFOUND',
    `EXCLUDE ${host}`,
  ];
  return [
    `--host-resolver-rules=${rules.join(', ')}`,
    `--ignore-certificate-errors-spki-list=${fingerprint}`,
  ];
}
