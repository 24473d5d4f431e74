import type { Timers } from "./environment.js";

/** A value that may be sent, when it is an object. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * The fields that fall back to their defaults, each at its time after it was last named. A later
 * patch that does not name a field does not hold it up.
 */
export class Decay {
  readonly #timers: Timers;
  readonly #times: { readonly [field: string]: number | undefined };
  readonly #over: (field: string, namedAt: number) => void;
  readonly #running = new Map<string, unknown>();

  constructor(
    timers: Timers,
    times: { readonly [field: string]: number | undefined },
    over: (field: string, namedAt: number) => void,
  ) {
    this.#timers = timers;
    this.#times = times;
    this.#over = over;
  }

  /** These fields are named now. */
  name(fields: unknown): void {
    if (typeof fields !== "object" || fields === null) return;
    const now = this.#timers.now();
    for (const [field, ms] of Object.entries(this.#times)) {
      if (ms === undefined || !Object.hasOwn(fields, field)) continue;
      this.#timers.clearTimeout(this.#running.get(field));
      this.#running.set(field, this.#timers.setTimeout(() => this.#end(field, now), ms));
    }
  }

  /** Nothing has to fall any more. */
  cancel(): void {
    for (const timer of this.#running.values()) this.#timers.clearTimeout(timer);
    this.#running.clear();
  }

  #end(field: string, namedAt: number): void {
    this.#running.delete(field);
    this.#over(field, namedAt);
  }
}
