/**
 * How long a test waits for what has to happen to a session, in seconds. They are what a machine of two busy cores
 * needs, not what an idle one does: who finds them too long looks at docs/benchmarks.md for what was measured.
 */
export const budgets = {
  /** From a new session, or a mended one, to a code that can be scanned: volume, pod, browser, page. */
  pairing: 150,
  /** From the scan to Ready. */
  linked: 90,
  /** From the loss of a pod, in whatever way, to Ready with the account that it had. */
  back: 150,
  /** From a fault to the condition that tells of it. */
  told: 90,
  /** From a deletion to an object that is gone; a session ends in order within 40 s. */
  gone: 90,
  /** From an accepted message to its delivery at the recipient. */
  delivered: 90,
  /** From a node that stops reporting to the session that says so: Kubernetes waits 50 s. */
  nodeLost: 150,
  /** From a leader that stops to writes by the other: the lease of 15 s, and a retry. */
  failover: 60,
  /** From an API server that is back to a change that has taken effect. */
  recovered: 150,
} as const;

/** How long things are kept broken, in seconds. */
export const outages = {
  /** Longer than any lease, timeout and first pause of a retry. */
  apiServer: 130,
  /** Longer than the lease: somebody else leads by then. */
  pausedLeader: 30,
  /** In which a wrong reaction would have shown. */
  quiet: 4,
} as const;
