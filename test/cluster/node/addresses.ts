/** The addresses of one cluster, all inside one /16, so that one range is checked and several fit side by side. */
export interface AddressPlan {
  readonly range: string;
  /** The machine's end of the link to the node. */
  readonly machine: string;
  readonly node: string;
  readonly podRange: string;
  readonly serviceRange: string;
  /** ClusterIP of the Service `kubernetes`: the first of the range, as the API server takes it. */
  readonly apiService: string;
  readonly dnsService: string;
}

/** Splits `10.N.0.0/16`: a /30 for the link, a /20 for pods (4,094), a /17 for Services (32,766). */
export function addressPlan(range: string): AddressPlan {
  const prefix = range.split('.').slice(0, 2).join('.');
  return {
    range,
    machine: `${prefix}.0.1`,
    node: `${prefix}.0.2`,
    podRange: `${prefix}.16.0/20`,
    serviceRange: `${prefix}.128.0/17`,
    apiService: `${prefix}.128.1`,
    dnsService: `${prefix}.128.10`,
  };
}

/** The ranges that clusters take when nobody says otherwise, in this order. */
const candidates: readonly string[] = Array.from({ length: 32 }, (_, index) => `10.${160 + index}.0.0/16`);

/** The first candidate that overlaps none of the networks in use, or undefined. */
export const chooseRange = (inUse: readonly string[]): string | undefined =>
  candidates.find((candidate) => !inUse.some((network) => overlaps(candidate, network)));

/** Whether two IPv4 networks in CIDR form share an address. A bare address counts as a /32. */
export function overlaps(a: string, b: string): boolean {
  const [first, second] = [parseNetwork(a), parseNetwork(b)];
  const bits = Math.min(first.bits, second.bits);
  const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  return (first.address & mask) >>> 0 === (second.address & mask) >>> 0;
}

function parseNetwork(text: string): { readonly address: number; readonly bits: number } {
  const [dotted = '', bits = '32'] = text.split('/');
  const address = dotted.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
  return { address, bits: Number(bits) };
}
