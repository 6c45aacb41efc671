/** Whether a probe is answered with success within the time, in milliseconds; nobody there is no error. */
export async function answersWell(url: string, withinMs: number): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(withinMs) })).ok;
  } catch {
    return false;
  }
}
