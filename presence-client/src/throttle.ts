import type { Timers } from "./environment.js";

/**
 * Runs at once after a quiet time, then at most once per interval, and once more at its end when it
 * was called in between: the last call is never lost.
 */
export class Throttle {
  #last = Number.NEGATIVE_INFINITY;
  #timer: unknown;
  readonly #timers: Timers;
  readonly #run: () => void;
  /** The interval, in milliseconds. */
  intervalMs: number;

  constructor(timers: Timers, intervalMs: number, run: () => void) {
    this.#timers = timers;
    this.intervalMs = intervalMs;
    this.#run = run;
  }

  /** Runs now, or at the end of the interval. */
  call(): void {
    if (this.#timer !== undefined) return;
    const wait = this.#last + this.intervalMs - this.#timers.now();
    if (wait <= 0) this.#go();
    else this.#timer = this.#timers.setTimeout(() => this.#go(), wait);
  }

  /** Runs now, whatever the interval; it begins anew. */
  now(): void {
    this.#go();
  }

  /** Runs what waits for the end of the interval now. */
  flush(): void {
    if (this.#timer !== undefined) this.#go();
  }

  /** Forgets what waits; the interval goes on. */
  cancel(): void {
    this.#timers.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #go(): void {
    this.cancel();
    this.#last = this.#timers.now();
    this.#run();
  }
}
