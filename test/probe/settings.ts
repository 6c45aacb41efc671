/** Everything the probe can be told from outside. */
export type Settings = {
  /** TCP port to listen on; 0 lets the system choose. Variable PORT, default 8080. */
  readonly port: number;
  /** Folder that `/data` keeps its files in. Variable DATA_DIR, default /data. */
  readonly dataDir: string;
};

/**
 * Parses the settings.
 *
 * @throws Error when PORT is not a port.
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const port = environment['PORT'] || '8080';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw new Error(`PORT: "${port}" is not a TCP port`);
  return { port: Number(port), dataDir: environment['DATA_DIR'] || '/data' };
}
