/** One thing that has to be right, and whether it is. */
export interface Finding {
  readonly check: string;
  /** `skip`: it could not be looked at, which says nothing about it. */
  readonly verdict: 'ok' | 'warn' | 'fail' | 'skip';
  readonly detail: string;
  /** What to do; nothing when it is right. */
  readonly remedy?: string | undefined;
}

export const ok = (check: string, detail: string): Finding => ({ check, verdict: 'ok', detail });
export const warn = (check: string, detail: string, remedy: string): Finding => ({
  check,
  verdict: 'warn',
  detail,
  remedy,
});
export const fail = (check: string, detail: string, remedy: string): Finding => ({
  check,
  verdict: 'fail',
  detail,
  remedy,
});
export const skip = (check: string, detail: string): Finding => ({ check, verdict: 'skip', detail });
