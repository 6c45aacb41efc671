import type { Touched } from '../wire.ts';

/** Which modules and properties of the page were used through `window.require`, per account and in all. */
export class TouchLog {
  readonly #byAccount = new Map<string | null, Map<string, Set<string>>>();

  /** `account` null: by pages that were not linked. */
  add(account: string | null, touched: Touched): void {
    const modules = this.#byAccount.get(account) ?? new Map<string, Set<string>>();
    this.#byAccount.set(account, modules);
    for (const [name, properties] of Object.entries(touched)) {
      modules.set(name, (modules.get(name) ?? new Set()).union(new Set(properties)));
    }
  }

  /** Sorted, so that two reports of the same use are equal. Undefined: of all accounts together. */
  report(account?: string): Touched {
    const merged = new Map<string, Set<string>>();
    for (const [owner, modules] of this.#byAccount) {
      if (account !== undefined && owner !== null && owner !== account) continue;
      for (const [name, properties] of modules) {
        merged.set(name, (merged.get(name) ?? new Set()).union(properties));
      }
    }
    return Object.fromEntries(
      [...merged]
        .toSorted(([first], [second]) => (first < second ? -1 : 1))
        .map(([name, properties]) => [name, [...properties].sort()]),
    );
  }
}
