/** The hub: the live topics and the connections of one server. */

import type { Clock } from "../clock.js";
import type { Random } from "../random.js";
import type { Departure, Leave } from "../topic/topic.js";
import { memberOf } from "../topic/session.js";
import type { Actor } from "../topic/session.js";
import type { Beat } from "../topic/entry.js";
import type { Acknowledged } from "../../wire.js";
import { Refused, refusal } from "../wire/fault.js";
import type { Access, Caller } from "./access.js";
import type { Kind } from "./kind.js";
import type { Limits } from "./limits.js";
import { Live } from "./live.js";

/** A WebSocket or event stream, as the hub knows it. */
export interface Connected {
  readonly id: number;
  /** Tells its client something. */
  say(message: object): void;
  /** Ends it. */
  end(code: number): void;
  /** Decides anew what its client may do. */
  recheck(): void;
}

/** The live topics and the connections of one server. */
export class Hub {
  readonly clock: Clock;
  readonly access: Access;
  readonly limits: Limits;
  readonly #kinds: readonly Kind[];
  readonly #random: Random;
  readonly #live = new Map<string, Live>();
  readonly #connections = new Map<number, { readonly it: Connected; user: string | undefined }>();
  /** Which connection speaks for a member. */
  readonly #speakers = new Map<string, Connected>();
  #lastId = 0;
  #closed = false;

  constructor(clock: Clock, random: Random, kinds: readonly Kind[], access: Access, limits: Limits) {
    this.clock = clock;
    this.#random = random;
    this.#kinds = kinds;
    this.access = access;
    this.limits = limits;
  }

  /** The kinds of topics. */
  get kinds(): readonly Kind[] {
    return this.#kinds;
  }

  /** All live topics in which somebody is, by name. */
  get present(): Live[] {
    const all = [...this.#live.values()];
    for (const it of all) it.with(() => {});
    return all.filter((it) => it.topic.entries.size > 0).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A name that no other connection has. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /**
   * Counts a new connection.
   *
   * @throws Refused `overloaded` when there are too many
   */
  add(it: Connected): void {
    if (this.#connections.size >= this.limits.maxConnections) {
      throw new Refused("overloaded", "the server has as many connections as it may have");
    }
    this.#connections.set(it.id, { it, user: undefined });
  }

  /**
   * A connection is a caller's from now on. Where it speaks for a session, an older one of it ends.
   *
   * @throws Refused `too_many_connections`
   */
  letIn(it: Connected, { user, actor }: Caller, speaks: boolean): void {
    const known = this.#connections.get(it.id);
    if (known === undefined || user === undefined) return;
    const member = speaks && actor ? memberOf(actor) : undefined;
    const older = member === undefined ? undefined : this.#speakers.get(member);
    const mine = [...this.#connections.values()].filter((other) => other.user === user && other.it !== older);
    if (mine.length >= this.limits.maxConnectionsPerUser) {
      throw new Refused("too_many_connections", "your user has as many connections as it may have");
    }
    known.user = user;
    if (member !== undefined) this.#speakers.set(member, it);
    older?.end(4509);
  }

  /** A connection is over. */
  letOut(it: Connected, actor: Actor | undefined): void {
    this.#connections.delete(it.id);
    if (actor && this.#speakers.get(memberOf(actor)) === it) this.#speakers.delete(memberOf(actor));
  }

  /** The live topic of a name, made when there is none yet. */
  live(name: string, kind: Kind): Live {
    const known = this.#live.get(name);
    if (known) return known;
    this.checkOpen();
    if (this.#live.size >= this.limits.maxTopics) {
      throw new Refused("overloaded", "the server has as many live topics as it may have");
    }
    // With as many digits as any other: how long a message is follows from what it says.
    const epoch = `${"89abcdef"[Math.floor(this.#random.next() * 8)]}${this.#random.hex(15)}`;
    const live = new Live(name, kind, epoch, {
      clock: this.clock,
      gone: (topic, departures) => this.#tellGone(topic, departures),
      free: (it) => {
        if (this.#live.get(name) === it) this.#live.delete(name);
        it.stop();
      },
    });
    this.#live.set(name, live);
    return live;
  }

  /** The live topic of a name, if there is one. */
  existing(name: string): Live | undefined {
    return this.#live.get(name);
  }

  /** Announces or renews. What is refused has changed nothing. */
  heartbeat(name: string, kind: Kind, who: Actor, beat: Beat): Acknowledged {
    this.checkOpen();
    const live = this.live(name, kind);
    const answer = live.with((topic, now) => {
      if ("ttlMs" in beat.lease && beat.value && !topic.entries.has(who.session.id)) this.#checkRoom(who);
      return topic.heartbeat(who, beat, now);
    });
    if ("refused" in answer) throw refusal(answer);
    const ttlMs = "ttlMs" in beat.lease ? beat.lease.ttlMs : kind.type.ttlMs;
    const heartbeatMs = Math.min(this.limits.heartbeatMs, Math.floor(ttlMs / 3));
    return { ...answer, heartbeatMs, throttleMs: kind.type.throttleMs };
  }

  /** Stops being present. Whether somebody was. */
  leave(name: string, kind: Kind, who: Actor, leave: Leave): "now" | "later" | "absent" | "stale" {
    // A leave with an `n` is remembered even where nobody is present, so it needs the topic.
    const live = leave.n === undefined ? this.existing(name) : this.live(name, kind);
    const left = live?.with((topic, now) => topic.leave(who, leave, now)) ?? "absent";
    if (typeof left === "object") throw refusal(left);
    return left;
  }

  /**
   * What the server sets of somebody's value is known anew.
   *
   * @throws Refused `forbidden` when it is not known any longer; they are not present then
   */
  restamp(name: string, { actor, fields }: Caller): void {
    const live = this.existing(name);
    if (live === undefined || actor === undefined || live.kind.stamped.length === 0) return;
    const { session, user } = actor;
    if (live.topic.entries.get(session.id)?.user !== user) return;
    try {
      live.with((topic, now) => topic.restamp(session.id, (it) => live.kind.stamp(it, fields), now));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      live.remove((topic, now) => topic.dismiss((it) => it.session === session.id, now));
      throw error;
    }
  }

  /** Has it decided anew what a user may do. */
  reauthorize(user: string): void {
    for (const { it } of this.#of(user)) it.recheck();
  }

  /** Ends everything of a user. */
  revoke(user: string): void {
    for (const { it } of this.#of(user)) it.end(4501);
    for (const live of this.present) live.remove((topic, now) => topic.dismiss((it) => it.user === user, now));
  }

  /** The connections end, and are told when to come back. Who is present stays so as long as anybody sees it. */
  drain(retryAfterMs: number): void {
    this.#closed = true;
    for (const { it } of [...this.#connections.values()]) {
      it.say({ type: "draining", retryAfterMs });
      it.end(1012);
    }
    this.crash();
  }

  /** It is gone, without a word. */
  crash(): void {
    this.#closed = true;
    for (const live of this.#live.values()) live.stop();
    this.#live.clear();
    this.#connections.clear();
  }

  /** @throws Refused `unavailable` once it closes */
  checkOpen(): void {
    if (this.#closed) throw new Refused("unavailable", "the server is going; come back to the next one");
  }

  #of(user: string): { readonly it: Connected }[] {
    return [...this.#connections.values()].filter((it) => it.user === user);
  }

  #checkRoom(who: Actor): void {
    const most = this.limits.maxTopicsPerSession;
    const { id } = who.session;
    const count = [...this.#live.values()].filter((it) => it.topic.entries.has(id)).length;
    if (count < most) return;
    throw new Refused("too_many_topics", `a session is in at most ${most} topics over HTTP`);
  }

  #tellGone(topic: string, departures: readonly Departure[]): void {
    for (const { member, reason } of departures) this.#speakers.get(member)?.say({ type: "gone", topic, reason });
  }
}
