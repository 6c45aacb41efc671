/** One program that is built from Go modules. */
export interface Program {
  /** Name of the binary. */
  readonly name: string;
  readonly package: string;
  /** Seconds of an empty-cache build in this order on two cores, as measured (docs/benchmarks.md): weighs the progress. */
  readonly expectedSeconds: number;
}

/** Programs that one go.mod pins, and how they are built into a folder of the cache. */
export interface ProgramSet {
  /** Names the folder in the cache: `<name>-bin`. */
  readonly name: string;
  /** What is built, for people. */
  readonly purpose: string;
  /** Absolute folder of go.mod and go.sum; `cmd/` below it holds mains of our own, if there are any. */
  readonly moduleDir: string;
  /** In build order. */
  readonly programs: readonly Program[];
  /** Arguments of `go build` for every program. */
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** How long it takes with empty caches, for people. */
  readonly firstBuild: string;
  /** Other files that belong beside the binaries: name, and what makes it in a folder that exists. */
  readonly files: readonly { readonly name: string; readonly make: () => Promise<string> }[];
}
