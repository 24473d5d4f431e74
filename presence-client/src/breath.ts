import type { Environment } from "./environment.js";

/** So long a page may be kept from its turn by what is heard, in milliseconds. */
const SLICE_MS = 12;

/**
 * Gives a page its turn while much is heard at once, as of a board with thousands of members, whose parts
 * browsers hand over in one go. A hidden page needs no turn.
 */
export class Breath {
  readonly #environment: Environment;
  #spent = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Does something that counts. */
  spend(work: () => void): void {
    const { now } = this.#environment;
    const began = now();
    try {
      work();
    } finally {
      this.#spent += now() - began;
    }
  }

  /** Whether the page should have its turn first. */
  get due(): boolean {
    const { breathe, page } = this.#environment;
    return this.#spent >= SLICE_MS && breathe !== undefined && page?.hidden === false;
  }

  /** Goes on after the page had its turn. */
  take(then: () => void): void {
    this.#environment.breathe?.(() => {
      this.#spent = 0;
      then();
    });
  }
}
