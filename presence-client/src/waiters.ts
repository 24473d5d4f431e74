/** Promises for an answer that has not come yet. Nobody has to await them. */
export class Waiters<Answer> {
  #all: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];

  /** How many wait. */
  get size(): number {
    return this.#all.length;
  }

  /** A promise for the answer. */
  wait(): Promise<Answer> {
    const done = new Promise<Answer>((resolve, reject) => this.#all.push({ resolve, reject }));
    done.catch(() => {});
    return done;
  }

  /** All who wait, leaving nobody. */
  take(): Waiters<Answer> {
    const taken = new Waiters<Answer>();
    taken.#all = this.#all;
    this.#all = [];
    return taken;
  }

  /** Lets these wait on, before all others. */
  putBack(taken: Waiters<Answer>): void {
    this.#all = [...taken.#all, ...this.#all];
    taken.#all = [];
  }

  resolve(answer: Answer): void {
    for (const waiter of this.#all.splice(0)) waiter.resolve(answer);
  }

  reject(error: Error): void {
    for (const waiter of this.#all.splice(0)) waiter.reject(error);
  }
}

/** An answer that is no. Nobody has to await it. */
export function rejected(error: Error): Promise<never> {
  const done = Promise.reject(error);
  done.catch(() => {});
  return done;
}
