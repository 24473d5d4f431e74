/** Short news, gone after a while. */

const SHOWN_MS = 5_000;
const AT_ONCE = 3;

/** One of them. */
export interface Toast {
  readonly id: number;
  readonly text: string;
}

/** What is news at present: a store, as React reads them. */
export class Toasts {
  readonly #listeners = new Set<() => void>();
  #shown: readonly Toast[] = [];
  #last = 0;

  readonly shown = (): readonly Toast[] => this.#shown;

  readonly subscribe = (call: () => void): (() => void) => {
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  };

  readonly show = (text: string): void => {
    const toast = { id: (this.#last += 1), text };
    this.#set([...this.#shown, toast].slice(-AT_ONCE));
    setTimeout(() => this.#set(this.#shown.filter((it) => it !== toast)), SHOWN_MS);
  };

  #set(shown: readonly Toast[]): void {
    this.#shown = shown;
    for (const call of this.#listeners) call();
  }
}
