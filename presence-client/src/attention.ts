import type { Page, Timers } from "./environment.js";
import type { Activity } from "./wire.js";

/** How long after the last input somebody is no longer active. */
const ACTIVE_MS = 60_000;
/** How long after the last input somebody is away. */
const IDLE_MS = 300_000;

/** How busy the person at the page is. Without a page, always active. */
export class Attention {
  readonly #timers: Timers;
  readonly #page: Page | undefined;
  readonly #changed: () => void;
  #inputAt: number;
  #activity: Activity;
  #timer: unknown;

  /** `changed` is called on transitions only. */
  constructor(timers: Timers, page: Page | undefined, changed: () => void) {
    this.#timers = timers;
    this.#page = page;
    this.#changed = changed;
    this.#inputAt = timers.now();
    this.#activity = this.#look();
    if (page) this.#wait();
  }

  /** Active for a minute after the last input, idle for five, then away; away while hidden. */
  get activity(): Activity {
    return this.#activity;
  }

  /** Whether the page is hidden, so that its timers may be slow. */
  get hidden(): boolean {
    return this.#page?.hidden ?? false;
  }

  /** Somebody moved, touched, typed, or turned to the page. */
  input(): void {
    this.#inputAt = this.#timers.now();
    if (this.#activity !== "active") this.look();
  }

  /** Looks whether it is another. */
  look(): void {
    const activity = this.#look();
    this.#wait();
    if (activity === this.#activity) return;
    this.#activity = activity;
    this.#changed();
  }

  stop(): void {
    this.#timers.clearTimeout(this.#timer);
  }

  #look(): Activity {
    if (this.hidden) return "away";
    const quiet = this.#timers.now() - this.#inputAt;
    if (quiet < ACTIVE_MS) return "active";
    return quiet < IDLE_MS ? "idle" : "away";
  }

  /** One timer for any number of inputs: it looks again when there was one meanwhile. */
  #wait(): void {
    this.stop();
    const quiet = this.#timers.now() - this.#inputAt;
    const next = [ACTIVE_MS, IDLE_MS].find((ms) => ms > quiet);
    if (next !== undefined) this.#timer = this.#timers.setTimeout(() => this.look(), next - quiet);
  }
}
