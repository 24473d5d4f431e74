/** Rates: so many in so long, of which one moment remembers how much was used. */

/** So many in a second, and as many at once after a pause. */
export class Rate {
  readonly #most: number;
  readonly #everyMs: number;

  constructor(most: number) {
    this.#most = most;
    this.#everyMs = 1_000 / most;
  }

  /** Whether one is left now, when it was used up until then. */
  allows(usedUntil: number, now: number): boolean {
    // A little is forgiven, because a third of a second is no binary fraction.
    return Math.max(usedUntil - now, 0) <= (this.#most - 1) * this.#everyMs + 1e-6;
  }

  /** Until when it is used up after one more. */
  spend(usedUntil: number, now: number): number {
    return Math.max(usedUntil, now) + this.#everyMs;
  }

  /** From which millisecond on there is one again. */
  next(usedUntil: number): number {
    return Math.ceil(usedUntil - (this.#most - 1) * this.#everyMs - 1e-6);
  }
}
