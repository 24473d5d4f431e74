import type { Environment } from "./environment.js";

/** When listeners are told: with the next frame, after so many milliseconds, or with the next microtask. */
export type Pace = "frame" | "microtask" | number;

/** Runs things together: once each, however often they are asked for. */
export class Batch {
  readonly #environment: Environment;
  readonly #pace: Pace;
  readonly #waiting = new Set<() => void>();
  #scheduled = false;

  constructor(environment: Environment, pace: Pace) {
    this.#environment = environment;
    this.#pace = pace;
  }

  /** Runs it with all that is asked for meanwhile. */
  add(run: () => void): void {
    this.#waiting.add(run);
    if (this.#scheduled) return;
    this.#scheduled = true;
    const { frame, page, setTimeout } = this.#environment;
    const flush = () => this.flush();
    if (typeof this.#pace === "number") setTimeout(flush, this.#pace);
    // A hidden page has no frames.
    else if (this.#pace === "frame" && frame && !page?.hidden) frame(flush);
    else queueMicrotask(flush);
  }

  /** Runs what waits now: no frame may come any more. */
  flush(): void {
    if (!this.#scheduled) return;
    this.#scheduled = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const run of waiting) run();
  }
}
