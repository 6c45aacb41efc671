import { ProblemError } from './problem-error.ts';

/**
 * Bounds the memory that bodies on their way take together: what is not yet parsed counts by its announced length, or
 * by the most that is allowed where the length is not announced.
 */
export class BodyBudget {
  readonly #total: number;
  readonly #max: number;
  #taken = 0;

  /**
   * @param total bytes that all bodies may take together
   * @param max bytes that one body may have; at most the total
   */
  constructor(total: number, max: number) {
    this.#total = Math.max(total, max);
    this.#max = max;
  }

  /**
   * Takes the room for one body, and gives the function that returns it.
   *
   * @param announced Content-Length; undefined when there is none
   * @throws ProblemError `payload_too_large`, `too_many_requests`
   */
  take(announced: number | undefined): () => void {
    if (announced !== undefined && announced > this.#max)
      throw new ProblemError('payload_too_large', `the body may have ${this.#max} bytes (HTTP_MAX_BODY)`);
    const size = announced ?? this.#max;
    if (this.#taken + size > this.#total)
      throw new ProblemError(
        'too_many_requests',
        'too many large bodies are on their way: try again in a second',
      );
    this.#taken += size;
    let returned = false;
    return () => {
      if (returned) return;
      returned = true;
      this.#taken -= size;
    };
  }
}
