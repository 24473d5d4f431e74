/** Live topics: a topic with its subscribers and its tick. */

import type { Clock, Scheduled } from "../clock.js";
import { Topic } from "../topic/topic.js";
import type { Departure } from "../topic/topic.js";
import type { Kind } from "./kind.js";
import type { Subscriber } from "./subscriber.js";

/** What a live topic needs of its hub. */
export interface Around {
  readonly clock: Clock;
  /** Tells owners whose entry went without their doing. */
  gone(topic: string, departures: readonly Departure[]): void;
  /** Forgets the topic: nobody is here, and nobody is expected back. */
  free(live: Live): void;
}

/** A topic in which somebody is, or which somebody watches. */
export class Live {
  readonly name: string;
  readonly kind: Kind;
  readonly topic: Topic;
  readonly #around: Around;
  readonly #subscribers = new Set<Subscriber>();
  #dirty = false;
  #nextFlush = 0;
  #tick: Scheduled | undefined;
  #alarm: Scheduled | undefined;
  #linger: Scheduled | undefined;
  #used = false;

  constructor(name: string, kind: Kind, epoch: string, around: Around) {
    this.name = name;
    this.kind = kind;
    this.topic = new Topic(kind.figures, epoch);
    this.#around = around;
  }

  /** Does something to the topic, after everything that is due by now was done. */
  with<Result>(act: (topic: Topic, now: number) => Result): Result {
    const { topic } = this;
    const { now } = this.#around.clock;
    const before = topic.at;
    const left = topic.advance(now).filter((it) => it.reason !== "left");
    const result = act(topic, now);
    if (topic.at !== before) this.#touch();
    this.#around.gone(this.name, left);
    this.#settle(now);
    return result;
  }

  /** Removes whomever `act` removes, and tells them. Returns how many. */
  remove(act: (topic: Topic, now: number) => readonly Departure[]): number {
    const gone = this.with(act);
    this.#around.gone(this.name, gone);
    return gone.length;
  }

  /** Adds a subscriber. The next flush, which is now or within a tick, brings what it lacks. */
  subscribe(subscriber: Subscriber): void {
    this.with(() => {
      this.#subscribers.add(subscriber);
      this.#touch();
    });
  }

  /** A subscriber wants something else. */
  resubscribe(): void {
    this.with(() => this.#touch());
  }

  /** Removes a subscriber. It may have been the last reason to keep the topic. */
  unsubscribe(subscriber: Subscriber): void {
    this.with(() => this.#subscribers.delete(subscriber));
  }

  /** It is over: nothing is done here any more. */
  stop(): void {
    for (const it of [this.#tick, this.#alarm, this.#linger]) it?.cancel();
    this.#subscribers.clear();
  }

  #touch(): void {
    this.#dirty = true;
    this.#used = true;
  }

  /** Sees to the alarm, to those who wait to be told, and to the end. */
  #settle(now: number): void {
    const { clock } = this.#around;
    this.#alarm?.cancel();
    const due = this.topic.nextDue();
    this.#alarm = due === undefined ? undefined : clock.at(due, "patient", () => this.with(() => {}));
    const idle = this.topic.isEmpty && this.#subscribers.size === 0;
    if (!idle) {
      this.#linger?.cancel();
      this.#linger = undefined;
    } else if (!this.#used) {
      this.#around.free(this);
    } else {
      this.#linger ??= clock.after(this.kind.figures.graceMs, "patient", () => this.#around.free(this));
    }
    if (!this.#dirty || this.#subscribers.size === 0 || this.#tick) return;
    if (this.#nextFlush <= now) this.#flush(now);
    else this.#tick = clock.at(this.#nextFlush, "awaited", () => this.#ring());
  }

  #ring(): void {
    this.#tick = undefined;
    this.with(() => {});
  }

  #flush(now: number): void {
    this.#dirty = false;
    this.#nextFlush = now + this.kind.type.throttleMs;
    for (const it of [...this.#subscribers]) it.flush(this.topic, this.name, now);
  }
}
