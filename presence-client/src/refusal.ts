/**
 * The server's no to the own member: what it said, and how long it need not be asked again. When the
 * application asks anyway it is answered from here, so that a pointer that moves is not a question
 * at every move.
 */

import { backoff } from "./backoff.js";
import type { Timers } from "./environment.js";
import { PresenceError } from "./error.js";

/** How long a server refuses whom it has kicked. */
const KICK_MS = 60_000;

/** What the server refuses of the own member, if anything. */
export class Refusal {
  readonly #timers: Timers & { random(): number };
  readonly #changed: () => void;
  #error: PresenceError | undefined;
  /** Until when it stands. */
  #until = Number.POSITIVE_INFINITY;
  /** Before that the answer is known. */
  #askAt = 0;
  /** How often in a row; not once while the entry was only removed. */
  #times = 0;
  #timer: unknown;

  constructor(timers: Timers & { random(): number }, changed: () => void) {
    this.#timers = timers;
    this.#changed = changed;
  }

  /** What the server said last, as long as it stands. */
  get error(): PresenceError | undefined {
    return this.#until > this.#timers.now() ? this.#error : undefined;
  }

  /** What it would say again. */
  get answer(): PresenceError | undefined {
    const retryAfterMs = this.#askAt - this.#timers.now();
    const error = this.error;
    if (error === undefined || retryAfterMs <= 0) return undefined;
    const { code, message } = error;
    return new PresenceError({ code, message, retryAfterMs });
  }

  /**
   * The entry was removed. Whether that was a kick, which lasts, or a rule that may allow it again, the
   * server knows: it can be asked at once.
   */
  kicked(): PresenceError {
    const error = new PresenceError({ code: "kicked", message: "removed from this topic" });
    this.#times = 0;
    this.#stand(error, KICK_MS, 0);
    return error;
  }

  /** The server refuses to have the member. */
  refused(error: PresenceError): void {
    const waitMs = error.retryAfterMs ?? backoff(this.#times, this.#timers.random(), 0);
    this.#stand(error, error.code === "kicked" ? waitMs : Number.POSITIVE_INFINITY, waitMs);
    this.#times += 1;
  }

  /** The server had the member since, or the application no longer asks for it. */
  lift(): void {
    this.#times = 0;
    if (this.#error === undefined) return;
    this.#timers.clearTimeout(this.#timer);
    this.#error = undefined;
    this.#changed();
  }

  /** What is allowed may be more by now. */
  ask(): void {
    const lasts = this.#error?.code === "kicked" && this.#times > 0;
    if (!lasts) this.lift();
  }

  #stand(error: PresenceError, forMs: number, waitMs: number): void {
    const { now, setTimeout, clearTimeout } = this.#timers;
    this.#error = error;
    this.#until = now() + forMs;
    this.#askAt = now() + waitMs;
    clearTimeout(this.#timer);
    if (Number.isFinite(forMs)) this.#timer = setTimeout(this.#changed, forMs);
  }
}
