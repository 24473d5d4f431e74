import type { Surroundings } from "./environment.js";

/** When listeners are told: with the next frame, after so many milliseconds, or with the next microtask. */
export type Pace = "frame" | "microtask" | number;

/** So long a frame may take: one of a page in a frame that is scrolled away may never come. */
const LATE_MS = 250;

/** Runs things together: once each, however often they are asked for. */
export class Batch {
  readonly #environment: Pick<Surroundings, "frame" | "setTimeout">;
  readonly #pace: Pace;
  readonly #waiting = new Set<() => void>();
  #scheduled = false;

  constructor(environment: Pick<Surroundings, "frame" | "setTimeout">, pace: Pace) {
    this.#environment = environment;
    this.#pace = pace;
  }

  /** Runs it with all that is asked for meanwhile. */
  add(run: () => void): void {
    this.#waiting.add(run);
    if (this.#scheduled) return;
    this.#scheduled = true;
    const { frame, setTimeout } = this.#environment;
    const flush = () => this.flush();
    if (typeof this.#pace === "number") return void setTimeout(flush, this.#pace);
    if (this.#pace === "microtask" || !frame?.(flush)) return queueMicrotask(flush);
    setTimeout(flush, LATE_MS);
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
