/**
 * What a client does when its page is hidden, left, frozen, or comes back, when the network goes and
 * comes, and when the person at it does something.
 */

import type { Page, PageEvent } from "./environment.js";

/** What the page's life needs of its client. */
export interface Living {
  /** Somebody moved, touched, typed, or turned to the page. */
  input(): void;
  /** Looks whether somebody is as busy as before. */
  look(): void;
  /** Sends and tells what waits: the page may not run much longer. */
  flush(): void;
  /** Says that the members leave in a little while, and lets go of the connection. */
  goodbye(): void;
  /** The page runs again; `left` when it had said goodbye. */
  back(left: boolean): void;
  /** Whatever was true of the network may not be. */
  doubt(): void;
}

/** The life of a page. */
export class Life {
  readonly #living: Living;
  readonly #forget: (() => void) | undefined;
  #left = false;

  constructor(page: Page | undefined, living: Living) {
    this.#living = living;
    this.#forget = page?.watch((event) => this.#turn(event));
  }

  /** Whether the page said goodbye, so that its members leave unless they are heard of again. */
  get left(): boolean {
    return this.#left;
  }

  stop(): void {
    this.#forget?.();
  }

  #turn(event: PageEvent): void {
    const living = this.#living;
    switch (event) {
      case "input":
        return living.input();
      case "hide":
        living.flush();
        // At a page's end this comes last, and would be taken for a sign of life.
        return this.#left ? undefined : living.look();
      case "show":
        living.input();
        return this.#back();
      case "freeze":
        return living.flush();
      case "end":
        living.flush();
        this.#left = true;
        return living.goodbye();
      case "return":
        return this.#back();
      case "resume":
      case "offline":
      case "online":
        return living.doubt();
      default:
        event satisfies never;
    }
  }

  #back(): void {
    const left = this.#left;
    this.#left = false;
    this.#living.back(left);
  }
}
