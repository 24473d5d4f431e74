import type { Clock, Scheduled } from "../clock.js";
import type { Limits } from "./limits.js";

/** What a pulse does. */
export interface Doing {
  ping(): void;
  lost(): void;
}

/** Notices that nobody is at the other end: pings what is silent, twice, and gives it up then. */
export class Pulse {
  readonly #clock: Clock;
  readonly #limits: Limits;
  readonly #doing: Doing;
  #heardAt: number;
  #pings = 0;
  #timer: Scheduled;

  constructor(clock: Clock, limits: Limits, doing: Doing) {
    this.#clock = clock;
    this.#limits = limits;
    this.#doing = doing;
    this.#heardAt = clock.now;
    this.#timer = this.#wait();
  }

  /** Any traffic counts as life. */
  heard(): void {
    this.#heardAt = this.#clock.now;
    this.#pings = 0;
  }

  /** It is over. */
  stop(): void {
    this.#timer.cancel();
  }

  #wait(): Scheduled {
    const { pingMs, pongWaitMs } = this.#limits;
    const due = this.#heardAt + (this.#pings < 2 ? (this.#pings + 1) * pingMs : 2 * pingMs + pongWaitMs);
    return this.#clock.at(due, "patient", () => this.#look(due));
  }

  #look(due: number): void {
    const { pingMs } = this.#limits;
    // It was heard of meanwhile, and is looked at again when it has been silent for as long.
    const silent = this.#clock.now - this.#heardAt;
    if (silent < pingMs || this.#clock.now < due) {
      this.#timer = this.#wait();
      return;
    }
    if (this.#pings >= 2) return this.#doing.lost();
    this.#pings += 1;
    this.#doing.ping();
    this.#timer = this.#wait();
  }
}
