/**
 * A clock that a test moves, and what is due on it.
 *
 * Everything that happens is an event: a message that arrives, a tick of the server, a timer of a
 * client. Events run one at a time and in order; between two of them everything that promises brought
 * about is done, as it is between the tasks of a real event loop.
 *
 * Time stands still while a test does something, and moves as far as it says. Where a test waits for
 * something else, such as an answer, it would wait for ever: then what is awaited has its time as well,
 * until the test goes on.
 */

import { turn } from "./turn.js";

/** What a test waits for when it settles: messages and ticks, and short timers, but no long ones. */
export type Weight = "awaited" | "patient";

interface Event {
  readonly at: number;
  readonly order: number;
  readonly weight: Weight;
  readonly run: () => void;
  done: boolean;
}

/** An event that can be called off. */
export interface Scheduled {
  cancel(): void;
}

/** How far time moves at most for things to settle. */
const MOST_MS = 60_000;

/** A virtual clock. */
export class Clock {
  #now = 0;
  #order = 0;
  #events: Event[] = [];
  /** What moves the clock now, and whatever is to move it next. */
  #moving: Promise<void> | undefined;
  /** Whether it moves because a test waits for something else. */
  #flowing = false;

  /** Milliseconds since the clock was made. */
  get now(): number {
    return this.#now;
  }

  /** Runs something after a time. */
  after(ms: number, weight: Weight, run: () => void): Scheduled {
    return this.at(this.#now + Math.max(ms, 0), weight, run);
  }

  /** Runs something at a time. */
  at(at: number, weight: Weight, run: () => void): Scheduled {
    this.#order += 1;
    const event: Event = { at, order: this.#order, weight, run, done: false };
    // Most come last.
    let place = this.#events.length;
    while (place > 0 && (this.#events[place - 1]?.at ?? 0) > at) place -= 1;
    this.#events.splice(place, 0, event);
    this.#wake();
    return { cancel: () => this.#drop(event) };
  }

  /** Moves time, and runs all that is due by then. */
  advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`time goes forward: expected 0 or more, found ${ms}`);
    let end: number | undefined;
    return this.#move(() => (end ??= this.#now + ms));
  }

  /**
   * Moves time as far as what is awaited takes.
   *
   * @throws Error when there is no end to it
   */
  settle(): Promise<void> {
    let began: number | undefined;
    return this.#move(() => {
      began ??= this.#now;
      if (this.#now - began > MOST_MS) {
        throw new Error(`nothing settles within ${MOST_MS} ms: something is said again and again`);
      }
      // One step: what it brings about may be awaited as well.
      return this.#awaited ?? this.#now;
    });
  }

  /** Lets what is awaited have its time, unless a test moves the clock. */
  #wake(): void {
    if (this.#flowing || this.#moving || this.#awaited === undefined) return;
    this.#flowing = true;
    void this.#flow();
  }

  async #flow(): Promise<void> {
    const last = this.#now + MOST_MS;
    // Whoever was waiting for the clock goes on first, and may move it.
    await turn();
    while (!this.#moving && this.#step(Math.min(this.#awaited ?? this.#now, last))) await turn();
    this.#flowing = false;
  }

  /** When the first thing happens that is awaited. What is due already is. */
  get #awaited(): number | undefined {
    return this.#events.find((it) => it.weight === "awaited" || it.at <= this.#now)?.at;
  }

  /** Moves on to `until`, which is asked before every event. One move at a time. */
  #move(until: () => number): Promise<void> {
    const before = this.#moving;
    const moving = (async () => {
      // A move that failed has told its own caller.
      await before?.catch(() => {});
      await this.#run(until);
    })();
    this.#moving = moving;
    const over = () => {
      if (this.#moving !== moving) return;
      this.#moving = undefined;
      this.#wake();
    };
    moving.then(over, over);
    return moving;
  }

  async #run(until: () => number): Promise<void> {
    let end: number;
    do {
      await turn();
      end = until();
    } while (this.#step(end));
    this.#now = Math.max(this.#now, end);
  }

  /** Runs the next event, if it happens by then. */
  #step(end: number): boolean {
    const [event] = this.#events;
    if (event === undefined || event.at > end) return false;
    this.#drop(event);
    this.#now = Math.max(this.#now, event.at);
    event.run();
    return true;
  }

  #drop(event: Event): void {
    if (event.done) return;
    event.done = true;
    this.#events.splice(this.#events.indexOf(event), 1);
  }
}
