/** Lines: what lies between one client and the server, and all that can go wrong there. */

import type { Clock } from "../clock.js";
import type { Random } from "../random.js";

/** What a network or proxy may not let through. */
export type Transport = "websocket" | "stream" | "http";

/** Something that lives as long as a connection does. */
export interface Link {
  /** The network has broken it: both ends notice. */
  broken(): void;
}

/** The network of one client. Messages of a connection keep their order, whatever their delays. */
export class Line {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #blocked: (transport: Transport) => boolean;
  readonly #links = new Set<Link>();
  #cut = false;
  /** What does not get through; nothing while all does. */
  #held: (() => void)[] | undefined;
  #delayMs = 0;
  #jitterMs = 0;

  constructor(clock: Clock, random: Random, blocked: (transport: Transport) => boolean) {
    this.#clock = clock;
    this.#random = random;
    this.#blocked = blocked;
  }

  /** Whether a new connection of this kind comes about. */
  lets(transport: Transport): boolean {
    return !this.#cut && !this.#blocked(transport);
  }

  /** A connection begins. */
  add(link: Link): void {
    this.#links.add(link);
  }

  /** A connection is over. */
  remove(link: Link): void {
    this.#links.delete(link);
  }

  /** A direction of a connection: what goes in comes out in its order, after the delay. */
  pipe(): (arrive: () => void) => void {
    let last = 0;
    const send = (arrive: () => void): void => {
      if (this.#held) return void this.#held.push(() => send(arrive));
      const delay = this.#delayMs + Math.floor(this.#random.next() * (this.#jitterMs + 1));
      last = Math.max(last, this.#clock.now + delay);
      this.#clock.at(last, "awaited", arrive);
    };
    return send;
  }

  /** How long everything takes from now on, each way. */
  delay(ms: number, jitterMs: number): void {
    this.#delayMs = ms;
    this.#jitterMs = jitterMs;
  }

  /** Breaks all connections; new ones come about, unless the line is cut. */
  break(): void {
    for (const link of [...this.#links]) link.broken();
  }

  /** Breaks all connections and lets none come about. */
  cut(): void {
    this.#cut = true;
    this.break();
  }

  /** Nothing gets through, and nobody is told. */
  drop(): void {
    this.#held ??= [];
  }

  /** All is well again; what was held back arrives, where there is still somebody to take it. */
  restore(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#cut = false;
    this.delay(0, 0);
    for (const send of held) send();
  }
}
