import type { Page, Timers } from "./environment.js";
import type { Activity } from "./wire.js";

/** How long after the last input, in milliseconds, somebody is less busy. */
export interface Thresholds {
  /** No longer active. Defaults to a minute. */
  readonly idleMs: number;
  /** Away. Defaults to five minutes. */
  readonly awayMs: number;
}

/** How busy the person at the page is. Without a page, always active. */
export class Attention {
  readonly #timers: Timers;
  readonly #page: Page | undefined;
  readonly #changed: () => void;
  readonly #idleMs: number;
  readonly #awayMs: number;
  #inputAt: number;
  #activity: Activity;
  #timer: unknown;

  /** `changed` is called on transitions only. */
  constructor(
    timers: Timers,
    page: Page | undefined,
    changed: () => void,
    { idleMs = 60_000, awayMs = 300_000 }: Partial<Thresholds> = {},
  ) {
    this.#idleMs = idleMs;
    this.#awayMs = awayMs;
    this.#timers = timers;
    this.#page = page;
    this.#changed = changed;
    this.#inputAt = timers.now();
    this.#activity = this.#look();
    this.#wait();
  }

  /** Active for a while after the last input, then idle, then away; away while hidden. */
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
    if (this.#page === undefined) return "active";
    if (this.hidden) return "away";
    const quiet = this.#timers.now() - this.#inputAt;
    if (quiet < this.#idleMs) return "active";
    return quiet < this.#awayMs ? "idle" : "away";
  }

  /** One timer for any number of inputs: it looks again when there was one meanwhile. */
  #wait(): void {
    this.stop();
    if (this.#page === undefined) return;
    const quiet = this.#timers.now() - this.#inputAt;
    const next = [this.#idleMs, this.#awayMs].find((ms) => ms > quiet);
    if (next !== undefined) this.#timer = this.#timers.setTimeout(() => this.look(), next - quiet);
  }
}
