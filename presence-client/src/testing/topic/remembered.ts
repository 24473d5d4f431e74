/** What is remembered for a while of who is not present. Bounded; the oldest is forgotten first. */
export class Remembered<Thing> {
  readonly #things = new Map<string, { readonly thing: Thing; readonly until: number }>();

  get isEmpty(): boolean {
    return this.#things.size === 0;
  }

  /** Remembers a thing until a time, and of no more than so many. */
  put(key: string, thing: Thing, until: number, most: number): void {
    this.#things.delete(key);
    this.#things.set(key, { thing, until });
    for (const oldest of this.#things.keys()) {
      if (this.#things.size <= most) break;
      this.#things.delete(oldest);
    }
  }

  /** What is remembered of somebody, and until when. */
  get(key: string): { readonly thing: Thing; readonly until: number } | undefined {
    return this.#things.get(key);
  }

  /** Remembers it no longer. */
  delete(key: string): void {
    this.#things.delete(key);
  }

  /** Forgets what need not be remembered any longer. */
  advance(now: number): void {
    for (const [key, { until }] of this.#things) if (until <= now) this.#things.delete(key);
  }

  /** When something may be forgotten. */
  next(): number | undefined {
    return least(Array.from(this.#things.values(), (it) => it.until));
  }
}

/** The least of some numbers; nothing of none. */
export function least(numbers: Iterable<number | undefined>): number | undefined {
  let first: number | undefined;
  for (const it of numbers) if (it !== undefined && (first === undefined || it < first)) first = it;
  return first;
}
