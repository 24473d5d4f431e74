/** Functions to call, each on its own: what one throws is reported and hurts no other. */
export class Listeners<Args extends readonly unknown[]> {
  readonly #all = new Set<{ readonly call: (...args: Args) => void }>();
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Adds a function, again even if it is there already; returns what removes it. */
  add(call: (...args: Args) => void): () => void {
    const listener = { call };
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  emit(...args: Args): void {
    for (const listener of [...this.#all]) {
      try {
        listener.call(...args);
      } catch (error) {
        this.#report(error);
      }
    }
  }
}
