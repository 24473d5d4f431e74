/**
 * A topic: who is present, in one order of changes. The plainest form of what the server does: no
 * clock, no socket, no index. Whoever holds a topic calls {@link Topic.advance} before anything else.
 */

import type { Reason } from "../../wire.js";
import { due, version } from "./entry.js";
import type { Aspect, Beat, Due, Entry, Mark, Value } from "./entry.js";
import { MIN_TTL_MS, deadline, findStream, loseConnection, loseStream } from "./lease.js";
import type { Rate } from "./pace.js";
import { Remembered, least } from "./remembered.js";
import { memberOf } from "./session.js";
import type { Actor } from "./session.js";

const FENCE_MS = 30_000;
const KICK_MS = 60_000;
/** So many departures and last `n` are remembered at least. */
const REMEMBERED = 256;

/** The figures of a topic, in milliseconds. */
export interface Figures {
  readonly maxTtlMs: number;
  readonly graceMs: number;
  readonly maxMembers: number;
  /** Fields that fall back, and how long after they were said. */
  readonly decays: Readonly<Record<string, number>>;
  /** How fast a member's values are taken. */
  readonly values?: Rate;
}

/** A member that left. */
export interface Departure {
  readonly member: string;
  readonly user: string;
  readonly reason: Reason;
  readonly joined: number;
  readonly left: number;
  readonly by: number | undefined;
}

/** Ends a member's presence, now or later. */
export interface Leave {
  readonly n?: number | undefined;
  readonly afterMs?: number | undefined;
  readonly by?: number | undefined;
}

/** The answer to a heartbeat. */
export interface Answer {
  readonly change: "joined" | "updated" | "renewed" | "stale";
  readonly member: string;
  readonly version: number;
  readonly expiresInMs?: number;
}

/** Why a topic does nothing of what it was asked. */
export type Refusal =
  | { readonly refused: "not_present" | "session_taken" }
  | { readonly refused: "topic_full"; readonly max: number }
  | { readonly refused: "kicked"; readonly retryAfterMs: number }
  | { readonly refused: "invalid_ttl"; readonly found: number; readonly min: number; readonly max: number };

/** Who is present, in one order of changes. */
export class Topic {
  readonly epoch: string;
  readonly figures: Figures;
  sequence = 0;
  /** The last departure that is not remembered any longer. */
  floor = 0;
  departures: Departure[] = [];
  /** By session, in the order of joining. */
  readonly entries = new Map<string, Entry>();
  readonly #fences = new Remembered<number>();
  readonly #kicks = new Remembered<true>();
  readonly #streams = new Map<string, number>();
  #mostMembers = 0;

  constructor(figures: Figures, epoch: string) {
    this.figures = figures;
    this.epoch = epoch;
  }

  /** The place after the last change, as messages say it. */
  get at(): string {
    return `${this.epoch}.${this.sequence}`;
  }

  get counts(): { readonly members: number; readonly users: number } {
    const users = new Set(Array.from(this.entries.values(), (it) => it.user));
    return { members: this.entries.size, users: users.size };
  }

  /** Whether there is nothing worth keeping. */
  get isEmpty(): boolean {
    const remembered = !this.#fences.isEmpty || !this.#kicks.isEmpty;
    return this.entries.size === 0 && !remembered && this.#streams.size === 0;
  }

  /** Announces or renews a member. */
  heartbeat(who: Actor, beat: Beat, now: number): Answer | Refusal {
    const { maxTtlMs: max } = this.figures;
    if ("ttlMs" in beat.lease) {
      const { ttlMs: found } = beat.lease;
      if (found < MIN_TTL_MS || found > max) return { refused: "invalid_ttl", found, min: MIN_TTL_MS, max };
    }
    const ends = [this.#kicks.get(`session ${who.session.id}`), this.#kicks.get(`user ${who.user}`)];
    const until = Math.max(...ends.map((it) => it?.until ?? now));
    if (until > now) return { refused: "kicked", retryAfterMs: until - now };
    const entry = this.entries.get(who.session.id);
    return entry ? this.#renew(entry, who, beat, now) : this.#join(who, beat, now);
  }

  /** Ends a member's presence. */
  leave(who: Actor, { n, afterMs = 0, by }: Leave, now: number): "now" | "later" | "absent" | "stale" | Refusal {
    const entry = this.entries.get(who.session.id);
    if (entry === undefined) {
      const member = memberOf(who);
      const last = this.#fences.get(member)?.thing;
      if (n !== undefined && last !== undefined && n <= last) return "stale";
      // A late heartbeat with a smaller `n` must not bring the member back.
      if (n !== undefined) this.#fence(member, n, now);
      return "absent";
    }
    if (!isOf(entry, who)) return { refused: "session_taken" };
    if (n !== undefined && n <= entry.n) return "stale";
    entry.n = n ?? entry.n + 1;
    if (afterMs === 0) {
      this.#remove(entry, "left", by, now);
      return "now";
    }
    entry.tenure = { ...entry.tenure, leaving: { at: now + afterMs, by } };
    return "later";
  }

  /** A connection ended: grace starts for the entry that lives with it. */
  disconnect(session: string, connection: number, now: number): void {
    const entry = this.entries.get(session);
    if (entry) entry.tenure = loseConnection(entry.tenure, connection, now + this.figures.graceMs);
  }

  /** A stream opened by this member. It renews nothing, but its end will tell. */
  bindStream(who: Actor, now: number): void {
    const member = memberOf(who);
    this.#streams.set(member, (this.#streams.get(member) ?? 0) + 1);
    const entry = this.#of(who);
    if (entry) entry.tenure = findStream(entry.tenure, now);
  }

  /** A bound stream ended. Grace starts with the last one, where the entry lives by a deadline. */
  unbindStream(who: Actor, now: number): void {
    const member = memberOf(who);
    const left = (this.#streams.get(member) ?? 0) - 1;
    if (left > 0) return void this.#streams.set(member, left);
    this.#streams.delete(member);
    const entry = this.#of(who);
    if (entry) entry.tenure = loseStream(entry.tenure, now + this.figures.graceMs);
  }

  /** Removes all sessions of a user, and refuses the user for a minute. Tells who went. */
  kick(user: string, now: number): Departure[] {
    this.#kicks.put(`user ${user}`, true, now + KICK_MS, Math.max(this.figures.maxMembers, REMEMBERED));
    return this.dismiss((it) => it.user === user, now);
  }

  /** The same of one session. */
  kickSession(session: string, now: number): Departure[] {
    this.#kicks.put(`session ${session}`, true, now + KICK_MS, Math.max(this.figures.maxMembers, REMEMBERED));
    return this.dismiss((it) => it.session === session, now);
  }

  /** Removes some members, who may come back at once. Tells who went. */
  dismiss(whom: (entry: Entry) => boolean, now: number): Departure[] {
    const gone = [...this.entries.values()].filter(whom);
    return gone.map((it) => this.#remove(it, "kicked", undefined, now));
  }

  /** Replaces a value without its owner's doing. Leases and what decays run on. */
  restamp(session: string, stamp: (value: Value) => Value, now: number): void {
    const entry = this.entries.get(session);
    if (entry === undefined) return;
    if (entry.held) this.#takeHeld(entry, now);
    const value = stamp(entry.value);
    if (value.json === entry.value.json) return;
    this.sequence += 1;
    const fields = entry.decaying.fields.filter((it) => value.decaying.includes(it));
    entry.decaying = { ...entry.decaying, fields };
    this.#set(entry, value, { sequence: this.sequence, by: undefined }, now);
  }

  /** Removes everybody, because the topic shuts down. Tells who went. */
  close(now: number): Departure[] {
    return [...this.entries.values()].map((it) => this.#remove(it, "shutdown", undefined, now));
  }

  /** Does everything that is due, in the order of time, and tells who left by that. */
  advance(now: number): Departure[] {
    const gone: Departure[] = [];
    for (let next = this.#next(); next && next.due.at <= now; next = this.#next()) {
      const { entry, due } = next;
      if ("removal" in due) {
        gone.push(this.#remove(entry, due.removal.reason, due.removal.by, now));
      } else if ("held" in due) {
        this.#takeHeld(entry, due.at);
      } else {
        this.sequence += 1;
        entry.decaying = { ...entry.decaying, fields: entry.decaying.fields.filter((it) => !due.decay.includes(it)) };
        this.#set(entry, entry.value.decayed(due.decay), { sequence: this.sequence, by: undefined }, due.at);
      }
    }
    this.#fences.advance(now);
    this.#kicks.advance(now);
    return gone;
  }

  /** When to call {@link advance} again, at the latest. */
  nextDue(): number | undefined {
    return least([this.#next()?.due.at, this.#fences.next(), this.#kicks.next()]);
  }

  #next(): { readonly entry: Entry; readonly due: Due } | undefined {
    let next: { readonly entry: Entry; readonly due: Due } | undefined;
    for (const entry of this.entries.values()) {
      const it = due(entry, this.figures.decays);
      if (it && !(next && next.due.at <= it.at)) next = { entry, due: it };
    }
    return next;
  }

  #join(who: Actor, beat: Beat, now: number): Answer | Refusal {
    const member = memberOf(who);
    const last = this.#fences.get(member)?.thing;
    if (beat.n !== undefined && last !== undefined && beat.n <= last) {
      return { change: "stale", member, version: 0 };
    }
    if (beat.value === undefined) return { refused: "not_present" };
    const { maxMembers: max } = this.figures;
    if (this.entries.size >= max) return { refused: "topic_full", max };
    this.#fences.delete(member);
    this.sequence += 1;
    const mark: Mark = { sequence: this.sequence, by: beat.by };
    const entry: Entry = {
      member,
      user: who.user,
      session: who.session.id,
      digest: who.session.digest,
      joined: this.sequence,
      joinedMs: now,
      value: beat.value,
      activity: beat.activity ?? "active",
      following: beat.following ?? [],
      changed: { value: mark, activity: mark, following: mark },
      updatedMs: now,
      n: beat.n ?? (last ?? 0) + 1,
      tenure: { lease: beat.lease, hidden: beat.hidden ?? false, renewed: now },
      decaying: { fields: beat.value.decaying, since: now },
      held: undefined,
      usedUntil: 0,
    };
    this.entries.set(entry.session, entry);
    this.#mostMembers = Math.max(this.#mostMembers, this.entries.size);
    return answer(entry, "joined", now);
  }

  #renew(entry: Entry, who: Actor, beat: Beat, now: number): Answer | Refusal {
    if (!isOf(entry, who)) return { refused: "session_taken" };
    if (beat.n !== undefined && beat.n <= entry.n) return answer(entry, "stale", now);
    entry.n = beat.n ?? entry.n + 1;
    const held = this.#holdBack(entry, beat, now);
    entry.tenure = { lease: beat.lease, hidden: beat.hidden ?? entry.tenure.hidden, renewed: now };
    const mark: Mark = { sequence: this.sequence + 1, by: beat.by };
    const changed: Aspect[] = [];
    if (beat.value && !held) {
      entry.decaying = { fields: beat.value.decaying, since: now };
      if (beat.value.json !== entry.value.json) changed.push("value");
      entry.value = beat.value;
    }
    const { activity = entry.activity, following = entry.following } = beat;
    if (activity !== entry.activity) changed.push("activity");
    entry.activity = activity;
    if (JSON.stringify(following) !== JSON.stringify(entry.following)) {
      changed.push("following");
      entry.following = following;
    }
    for (const it of changed) entry.changed = { ...entry.changed, [it]: mark };
    if (changed.length > 0) {
      this.sequence += 1;
      entry.updatedMs = now;
    }
    return answer(entry, changed.length > 0 || held ? "updated" : "renewed", now);
  }

  /** Holds a value that comes too soon after others. Whether it did. */
  #holdBack(entry: Entry, { value, by }: Beat, now: number): boolean {
    if (value === undefined) return false;
    // Whatever becomes of it, it is newer.
    entry.held = undefined;
    const { values } = this.figures;
    if (values === undefined || value.json === entry.value.json) return false;
    if (values.allows(entry.usedUntil, now)) {
      entry.usedUntil = values.spend(entry.usedUntil, now);
      return false;
    }
    entry.held = { value, since: now, by, at: values.next(entry.usedUntil) };
    return true;
  }

  #takeHeld(entry: Entry, now: number): void {
    const { held } = entry;
    if (held === undefined) return;
    entry.held = undefined;
    entry.usedUntil = this.figures.values?.spend(entry.usedUntil, now) ?? 0;
    entry.decaying = { fields: held.value.decaying, since: held.since };
    if (held.value.json === entry.value.json) return;
    this.sequence += 1;
    this.#set(entry, held.value, { sequence: this.sequence, by: held.by }, now);
  }

  #set(entry: Entry, value: Value, mark: Mark, now: number): void {
    entry.value = value;
    entry.changed = { ...entry.changed, value: mark };
    entry.updatedMs = now;
  }

  /** The only way out. */
  #remove(entry: Entry, reason: Reason, by: number | undefined, now: number): Departure {
    this.#takeHeld(entry, now);
    this.entries.delete(entry.session);
    this.#fence(entry.member, entry.n, now);
    this.sequence += 1;
    const { member, user, joined } = entry;
    const departure = { member, user, reason, joined, left: this.sequence, by };
    this.departures.push(departure);
    while (this.departures.length > this.#remembered) this.floor = this.departures.shift()?.left ?? this.floor;
    return departure;
  }

  #fence(member: string, n: number, now: number): void {
    this.#fences.put(member, n, now + this.figures.graceMs + FENCE_MS, this.#remembered);
  }

  get #remembered(): number {
    return Math.max(REMEMBERED, 2 * this.#mostMembers);
  }

  #of(who: Actor): Entry | undefined {
    const entry = this.entries.get(who.session.id);
    return entry?.user === who.user ? entry : undefined;
  }
}

function isOf(entry: Entry, who: Actor): boolean {
  return entry.digest === who.session.digest && entry.user === who.user;
}

/** How long an entry's lease lasts without another heartbeat; nothing when it lives with a connection. */
export function expiresInMs(entry: Entry, now: number): number | undefined {
  const end = deadline(entry.tenure);
  return end === undefined ? undefined : Math.max(end - now, 0);
}

function answer(entry: Entry, change: Answer["change"], now: number): Answer {
  const expires = expiresInMs(entry, now);
  const left = expires === undefined ? {} : { expiresInMs: expires };
  return { change, member: entry.member, version: version(entry), ...left };
}
