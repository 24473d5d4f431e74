/**
 * A subscription: what the server tells of a topic's members, from one connection to the next.
 *
 * The position outlives a connection, so that the next one tells only what happened since.
 */

import { backoff } from "./backoff.js";
import type { Answer } from "./connection.js";
import { PresenceError } from "./error.js";
import { apply } from "./apply.js";
import { equal } from "./equal.js";
import { Missing } from "./missing.js";
import type { Counts, Members, ViewEvent } from "./view.js";
import type { Changes, ClientMessage, Filter, Snapshot } from "./wire.js";

/** What a subscription needs of its client. */
export interface Wire {
  readonly open: boolean;
  ask(message: ClientMessage, done: (answer: Answer) => void): void;
  now(): number;
  random(): number;
  setTimeout(run: () => void, ms: number): unknown;
  /** Tells the application of an error that nobody waits for. */
  report(error: unknown, topic?: string): void;
}

/** A subscription to a topic. */
export class Watch {
  readonly #topic: string;
  readonly #wire: Wire;
  readonly #changed: (events: readonly ViewEvent[]) => void;
  /** What somebody wants to know; nothing when nobody wants anything. */
  #filter: Filter | undefined;
  #counts: Counts | undefined;
  #asOf: number | null = null;
  #at: string | undefined;
  /** The filter of what was heard up to there. */
  #heard: Filter | undefined;
  /** Parts of a message whose last one has not come yet. */
  #parts: (Snapshot | Changes)[] = [];
  #members: Members = new Map();
  readonly #missing: Missing;
  #nowMs = 0;
  /** Whether this connection has taken the subscription. What comes before that is of an earlier one. */
  #subscribed = false;
  /** How often it was subscribed or lost: an answer to an earlier subscription says nothing of this one. */
  #turns = 0;
  #synced = false;
  #refusal: PresenceError | undefined;
  /** How often in a row the server could not take it. */
  #refusals = 0;

  constructor(topic: string, wire: Wire, changed: (events: readonly ViewEvent[]) => void, graceMs = 0) {
    this.#topic = topic;
    this.#wire = wire;
    this.#changed = changed;
    this.#missing = new Missing(graceMs);
  }

  /** Everybody the server told of, and who is missing since it forgot everything. */
  get members(): Members {
    return this.#members;
  }

  /** The topic's clock, as last read. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Whether somebody wants to know. */
  get wanted(): boolean {
    return this.#filter !== undefined;
  }

  /** What the server counts, where it does not tell of everybody. */
  get counts(): Counts | undefined {
    return this.#filter === undefined || this.#filter === "everybody" ? undefined : this.#counts;
  }

  /** Until when the members were those the server has; nothing while they are, or never were. */
  get asOf(): number | null {
    return this.#asOf;
  }

  /** Whether the members are those the server has. */
  get synced(): boolean {
    return this.#synced && this.#missing.size === 0;
  }

  /** The position up to which everything is known; nothing before the first snapshot. */
  get at(): string | undefined {
    return this.#at;
  }

  /** Why the server refuses to tell, when it does. */
  get refusal(): PresenceError | undefined {
    return this.#refusal;
  }

  /** Somebody wants to know, or nobody does any more. */
  want(filter: Filter | undefined): void {
    if (equal(this.#filter, filter)) return this.#refusal && filter ? this.again() : undefined;
    // What was heard with another filter is not where this one goes on.
    if (filter && this.#heard && !equal(this.#heard, filter)) {
      this.#at = undefined;
      this.#missing.clear();
    }
    this.#filter = filter;
    if (filter) {
      this.#synced = false;
      this.welcome();
    } else {
      this.lost();
      if (this.#wire.open) this.#wire.ask({ type: "unsubscribe", topic: this.#topic }, () => {});
    }
    this.#changed([]);
  }

  /** Asks again for what was refused: it may be allowed by now. */
  again(): void {
    if (this.#refusal === undefined) return;
    this.#refusal = undefined;
    this.welcome();
    this.#changed([]);
  }

  /** A new connection: it has to tell what happened since. */
  welcome(): void {
    if (!this.wanted || this.#refusal || !this.#wire.open) return;
    const filter = this.#filter;
    const since = this.#at === undefined ? {} : { since: this.#at };
    const only = filter === undefined || filter === "everybody" ? {} : { filter };
    const turn = (this.#turns += 1);
    this.#subscribed = false;
    this.#wire.ask({ type: "subscribe", topic: this.#topic, ...since, ...only }, (answer) => {
      if (turn !== this.#turns) return;
      if (!(answer instanceof PresenceError)) return this.#answered(filter);
      if (answer.code === "disconnected" || !this.wanted) return;
      this.#refuse(answer);
    });
  }

  /** The server has ended the subscription. */
  ended(error: PresenceError): void {
    // Before this connection has taken a subscription, it is an earlier one's end.
    if (!this.#subscribed) return;
    this.lost();
    this.#refuse(error);
  }

  /** The connection is lost. */
  lost(): void {
    this.#turns += 1;
    this.#subscribed = false;
    this.#refusal = undefined;
    if (this.synced) this.#asOf = this.#wire.now();
    this.#synced = false;
    this.#parts = [];
  }

  /** Takes a message; returns what happened once its last part is there. `own` is the own member. */
  hear(message: Snapshot | Changes, own?: string): readonly ViewEvent[] {
    if (!this.#subscribed) return [];
    // A run that could not be finished is told anew, as a snapshot.
    if (this.#parts[0] && this.#parts[0].type !== message.type) this.#parts = [];
    this.#parts.push(message);
    this.#nowMs = message.nowMs;
    if (message.at === undefined) return [];
    const now = this.#wire.now();
    // A server that has another epoch has lost its memory: who was known has yet to tell it that they are there.
    const forgotten = this.#at !== undefined && epochOf(this.#at) !== epochOf(message.at);
    const told = apply(this.#members, this.#parts);
    const kept = this.#missing.keep(this.#members, told, this.#parts, forgotten, own, now);
    if (forgotten && this.#missing.size > 0) this.#wire.setTimeout(() => this.#synced && this.#changed(this.#give()), this.#missing.graceMs);
    this.#parts = [];
    this.#members = kept.members;
    this.#at = message.at;
    this.#counts = message.counts;
    this.#synced = true;
    return [...kept.events, ...this.#give()];
  }

  /** Lets those go who are missing for too long. */
  #give(): readonly ViewEvent[] {
    const { members, events } = this.#missing.give(this.#members, this.#wire.now());
    this.#members = members;
    if (this.synced) this.#asOf = null;
    return events;
  }

  /** Forgets a member that is known to be gone. */
  forget(member: string | undefined): void {
    if (member === undefined || !this.#members.has(member)) return;
    const members = new Map(this.#members);
    members.delete(member);
    this.#members = members;
  }

  /** Forgets everybody, and where it was. */
  forgetAll(): void {
    this.#members = new Map();
    this.#missing.clear();
    this.#at = undefined;
    this.#asOf = null;
    this.#changed([]);
  }

  /** Tries again later, or never: what was seen is not for this client any more. */
  #refuse(error: PresenceError): void {
    if (error.retryable) {
      const wait = backoff(this.#refusals, this.#wire.random(), error.retryAfterMs);
      this.#refusals += 1;
      this.#wire.setTimeout(() => this.#subscribed || this.welcome(), wait);
      return this.#changed([]);
    }
    const members = [...this.#members.values()];
    this.#refusal = error;
    this.#members = new Map();
    this.#missing.clear();
    this.#at = undefined;
    this.#wire.report(error, this.#topic);
    this.#changed(members.map((member) => ({ type: "leave", member, reason: "unseen" })));
  }

  /** After `ok` comes what happened since, or that nothing did, at once. */
  #answered(filter: Filter | undefined): void {
    this.#heard = filter;
    this.#subscribed = true;
    this.#refusals = 0;
  }
}

/** Positions are an epoch and a sequence. */
function epochOf(position: string): string {
  return position.slice(0, position.lastIndexOf("."));
}
