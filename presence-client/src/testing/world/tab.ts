/** Tabs: the page, the storage and the locks around a client. */

import type { Locks, Page, PageEvent, SessionStore } from "../../environment.js";

/** A page, whose events tests make. */
export class MemoryPage implements Page {
  #hidden = false;
  readonly #watchers = new Set<(event: PageEvent) => void>();

  /** Whether it was hidden last, and not shown. */
  get hidden(): boolean {
    return this.#hidden;
  }

  /** Calls for what happens until the returned function is called. */
  watch(on: (event: PageEvent) => void): () => void {
    this.#watchers.add(on);
    return () => void this.#watchers.delete(on);
  }

  /** Has something happen: `input`, `hide`, `show`, `end`, `return`, `freeze`, `resume`, `offline`, `online`. */
  turn(event: PageEvent): void {
    if (event === "hide" || event === "show") this.#hidden = event === "hide";
    for (const on of [...this.#watchers]) on(event);
  }
}

/** What a tab remembers over a reload. */
export class MemoryStorage implements SessionStore {
  readonly #items: Map<string, string>;

  /** A storage with these names and texts to begin with. */
  constructor(items: Iterable<readonly [string, string]> = []) {
    this.#items = new Map(items);
  }

  /** What is kept by a name. */
  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  /** Keeps a text by a name. */
  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }

  /** The same for a tab that was duplicated. */
  copy(): MemoryStorage {
    return new MemoryStorage(this.#items);
  }
}

/** Names that one tab of a browser holds at a time. */
export class MemoryLocks {
  readonly #holders = new Map<string, (() => void)[]>();

  /** The locks as a tab sees them; `wait` runs something later. */
  of(wait: (run: () => void, ms: number) => { cancel(): void }): Locks {
    return {
      take: (name, waitMs) =>
        new Promise((resolve) => {
          const queue = this.#holders.get(name) ?? [];
          this.#holders.set(name, queue);
          let timer: { cancel(): void } | undefined;
          const turn = () => {
            timer?.cancel();
            resolve(() => this.#release(name, turn));
          };
          queue.push(turn);
          if (queue[0] === turn) return turn();
          timer = wait(() => {
            queue.splice(queue.indexOf(turn), 1);
            resolve(undefined);
          }, waitMs);
        }),
    };
  }

  #release(name: string, turn: () => void): void {
    const queue = this.#holders.get(name) ?? [];
    if (queue[0] !== turn) return;
    queue.shift();
    queue[0]?.();
  }
}
