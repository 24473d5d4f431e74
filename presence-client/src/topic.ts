/**
 * A topic as one client has it: the own member, the subscription, and the views made of both. All
 * handles of the same topic share it.
 */

import type { AnyTopic } from "./descriptor.js";
import { equal } from "./equal.js";
import { PresenceError } from "./error.js";
import type { Fault } from "./error.js";
import type { Host } from "./host.js";
import type { UserId } from "./id.js";
import { Lens, union } from "./lens.js";
import type { TopicEvents } from "./lens.js";
import { Own } from "./own.js";
import type { Ack } from "./own.js";
import type { State } from "./status.js";
import { looksLike } from "./view.js";
import type { Member, Sight, View, ViewEvent } from "./view.js";
import type { Watch } from "./watch.js";
import type { Changes, Filter, Reason, Snapshot } from "./wire.js";

/** Somebody who can announce: the member leaves with the last of them. */
export type Announcer = object;

/** How long members are known when nobody looks at them: who looks again soon goes on from there. */
const FORGET_MS = 60_000;

/** A subscription before there is one. */
const NOTHING: Seen = {
  members: new Map(),
  nowMs: 0,
  wanted: false,
  synced: false,
  at: undefined,
  asOf: null,
  counts: undefined,
  refusal: undefined,
};

type Seen = Pick<Watch, "members" | "nowMs" | "wanted" | "synced" | "at" | "asOf" | "counts" | "refusal">;

/** A topic as one client has it. */
export class Topic {
  readonly name: string;
  readonly type: AnyTopic;
  readonly #host: Host;
  readonly #own: Own;
  #watch: Watch | undefined;
  readonly #announcers = new Set<Announcer>();
  /** Everybody, for all who look at them. */
  readonly #everybody: Lens;
  /** The lenses that somebody looks through. */
  #lenses: Lens[] = [];
  /** Counts what may be seen otherwise. */
  #version = 0;
  #idle: unknown;
  #self: Member | null = null;
  #events: ViewEvent[] = [];
  /** Who came into sight and went by being followed. */
  #followed: ViewEvent[] = [];
  readonly #tell = () => this.#telling();
  readonly #sight = () => this.#look();

  constructor(name: string, type: AnyTopic, host: Host) {
    this.name = name;
    this.type = type;
    this.#host = host;
    const changed = () => this.changed();
    this.#everybody = this.#lensOf("everybody");
    this.#own = new Own(name, type, host, changed);
  }

  /** From now on it can be watched. */
  attach(watch: Watch): void {
    this.#watch = watch;
    this.#want();
  }

  get #seen(): Seen {
    return this.#watch ?? NOTHING;
  }

  /** Whether the own member is or will be present. */
  get present(): boolean {
    return this.#own.present;
  }

  /** Whether the server has heard of everything since the connection was made, and has told it. */
  get synced(): boolean {
    const seen = !this.#seen.wanted || this.#seen.synced || this.#seen.refusal !== undefined;
    return seen && (!this.#own.present || this.#own.greeted);
  }

  /** What is looked at by this filter. */
  lens(filter: Filter = "everybody"): Lens {
    if (filter === "everybody") return this.#everybody;
    return this.#lenses.find((it) => equal(it.filter, filter)) ?? this.#lensOf(filter);
  }

  #lensOf(filter: Filter): Lens {
    return new Lens(filter, (error) => this.#host.report(error, this.name));
  }

  /** Who is present, as far as is known. */
  view(lens = this.#everybody): View {
    return lens.view(this.#version, this.#sight);
  }

  heartbeat(by: Announcer, value: unknown): Promise<Ack> {
    this.#host.begin();
    const done = this.#own.heartbeat(value);
    this.#announce(by);
    return done;
  }

  update(by: Announcer, patch: unknown): Promise<Ack> {
    this.#host.begin();
    const done = this.#own.update(patch);
    this.#announce(by);
    return done;
  }

  /** One announcer leaves; the member does with the last one. */
  leave(by: Announcer): Promise<boolean> {
    if (!this.#announcers.delete(by) || this.#announcers.size > 0) return Promise.resolve(false);
    return this.leaveAll();
  }

  /** The member leaves, whoever announces it. */
  leaveAll(): Promise<boolean> {
    this.#announcers.clear();
    if (!this.#own.present) return Promise.resolve(false);
    const done = this.#own.leave();
    this.#watch?.forget(this.#host.identity?.member);
    return done;
  }

  /** Follows these users and nobody else. */
  follow(users: readonly UserId[]): void {
    const before = this.#own.following.users;
    if (equal(before, users)) return;
    // Who is not looked at any more is gone from where only those are seen who are followed.
    for (const member of this.#seen.members.values()) {
      const was = before.includes(member.user);
      if (was === users.includes(member.user)) continue;
      this.#followed.push(was ? { type: "leave", member, reason: "unseen" } : { type: "join", member });
    }
    this.#own.follow(users);
  }

  /** Calls for an event; the first call opens the subscription, after the last one it ends. */
  on<Event extends keyof TopicEvents>(
    lens: Lens,
    event: Event,
    call: (...args: TopicEvents[Event]) => void,
  ): () => void {
    this.#host.begin();
    const stop = lens.on(event, call);
    if (!this.#lenses.includes(lens)) this.#lenses.push(lens);
    this.#want();
    return () => {
      stop();
      // Unless somebody needs the subscription again at once.
      this.#host.setTimeout(() => this.#want(), 0);
    };
  }

  /** A new connection: announcing comes first, so that what is told includes oneself. */
  welcome(): void {
    this.#own.welcome();
    this.#watch?.welcome();
    this.changed();
  }

  lost(): void {
    this.#own.lost();
    this.#watch?.lost();
    this.changed();
  }

  hear(message: Snapshot | Changes): void {
    const own = this.#host.identity?.member;
    const mine = () => (own === undefined ? undefined : this.#seen.members.get(own));
    const before = mine();
    const events = this.#watch?.hear(message, own) ?? [];
    // Only what this message tells: of what a connection says alone its server tells it nothing, so
    // what was told earlier may be older than what was said since.
    const now = mine();
    if (now && now.value !== before?.value) this.#own.hear(now.value);
    this.saw(events);
  }

  /** Something happened to those who are seen. */
  saw(events: readonly ViewEvent[]): void {
    // Events are of others.
    const own = this.#host.identity?.member;
    for (const event of events) if (event.member.member !== own) this.#events.push(event);
    this.changed();
  }

  /** The server tells no more of the topic. */
  ended(fault: Fault): void {
    this.#watch?.ended(new PresenceError(fault));
  }

  /** The server has taken another token: what it refused before it may allow now. */
  renewed(): void {
    this.#own.renewed();
    this.#watch?.again();
  }

  /** The client is another user from now on. */
  changeUser(): void {
    this.#own.changeUser();
    this.#self = null;
  }

  gone(reason: Reason): void {
    const { self } = this.view();
    if (!this.#own.gone(reason)) return;
    this.#announcers.clear();
    this.#watch?.forget(this.#host.identity?.member);
    if (self) this.#events.push({ type: "leave", member: self, reason });
    this.changed();
  }

  /** Sends what waits now, because the page may not run much longer. */
  flush(): void {
    this.#own.flush();
  }

  /** Announces anew what the server may have given up. */
  again(): void {
    this.#own.again();
  }

  /** The client is closed; `keep` where it may be opened again and go on as it was. */
  close(error: PresenceError, keep: boolean): void {
    this.#own.close(error, keep);
    this.#host.clearTimeout(this.#idle);
    if (!keep) this.#announcers.clear();
    this.changed();
  }

  /** Something changed; handlers are told soon, once for everything that happens together. */
  changed(): void {
    this.#version += 1;
    this.#host.changed();
    this.#host.batch.add(this.#tell);
  }

  #telling(): void {
    const events = this.#events;
    const followed = this.#followed;
    this.#events = [];
    this.#followed = [];
    const own = this.#host.identity?.member;
    const following = this.#own.following.users;
    for (const lens of this.#lenses) {
      const seen = events.filter(({ member }) => member.member === own || lens.shows(member, following));
      lens.tell(lens.filter === "following" ? [...followed, ...seen] : seen, this.#version, this.#sight);
    }
  }

  #announce(by: Announcer): void {
    this.#announcers.add(by);
  }

  /** Asks the server for what is looked at. What nobody looks at for a while is forgotten. */
  #want(): void {
    const { setTimeout, clearTimeout } = this.#host;
    this.#lenses = this.#lenses.filter((it) => it.used);
    const filter = union(this.#lenses.map((it) => it.filter));
    this.#watch?.want(filter);
    clearTimeout(this.#idle);
    const known = filter === undefined && this.#seen.at !== undefined;
    this.#idle = known ? setTimeout(() => this.#watch?.forgetAll(), FORGET_MS) : undefined;
  }

  #look(): Sight {
    this.#self = this.#lookAtSelf();
    const { members, counts, asOf } = this.#seen;
    const [self, status, error, own] = [this.#self, this.#state(), this.#error(), this.#host.identity];
    return { members, counts, asOf, self, status, error, own, following: this.#own.following.users };
  }

  #state(): State {
    const { state } = this.#host;
    if (state === "closed" || this.#own.kicked || this.#seen.refusal) return "closed";
    if (!this.#host.open) return this.#seen.at ? "stale" : "connecting";
    if (this.#seen.wanted) return this.#seen.synced ? (this.#host.outdated ? "stale" : "live") : "syncing";
    return this.#seen.at ? "stale" : state;
  }

  #error(): PresenceError | null {
    return this.#host.over ?? this.#seen.refusal ?? this.#own.refusal ?? null;
  }

  /** The own member: what the application wants, or else what the server remembers of the tab. */
  #lookAtSelf(): Member | null {
    const { identity, over } = this.#host;
    if (over) return null;
    const known = identity && this.#seen.members.get(identity.member);
    if (!this.#own.present) return this.#own.left || this.#own.kicked ? null : (known ?? null);
    const before = this.#self;
    const now = {
      member: identity?.member ?? "",
      user: identity?.user ?? "",
      value: this.#own.value,
      activity: this.#host.activity,
      following: this.#own.following.users,
      joinedMs: known?.joinedMs ?? before?.joinedMs ?? this.#seen.nowMs,
      updatedMs: known?.updatedMs ?? this.#seen.nowMs,
    };
    const same = before && before.member === now.member && before.joinedMs === now.joinedMs;
    return same && looksLike(before, now) ? before : now;
  }
}
