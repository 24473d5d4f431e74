/**
 * A topic as one client has it: the own member, the subscription, and the view made of both. All
 * handles of the same topic share it.
 */

import type { AnyTopic } from "./descriptor.js";
import { PresenceError } from "./error.js";
import type { Fault } from "./error.js";
import { Listeners } from "./listeners.js";
import type { MemberId, UserId } from "./id.js";
import { Own } from "./own.js";
import type { Ack, Link } from "./own.js";
import type { State } from "./status.js";
import { compose, looksLike } from "./view.js";
import type { LeaveReason, Member, View, ViewEvent } from "./view.js";
import { Watch } from "./watch.js";
import type { Changes, Reason, Snapshot } from "./wire.js";

/** What a topic needs of its client. */
export interface Host extends Link {
  /** How the client is connected. */
  readonly state: State;
  /** The own member's id and user, once the server has told them. */
  readonly identity: { readonly member: MemberId; readonly user: UserId } | undefined;
  /** The topic is used: connects, if that was not done before. */
  begin(): void;
  /** Something that may matter to the client's status has changed. */
  changed(): void;
}

/** Somebody who can announce: the member leaves with the last of them. */
export type Announcer = object;

/** What the events of a topic are called with. */
export interface TopicEvents {
  change: readonly [view: View];
  join: readonly [member: Member];
  update: readonly [member: Member, before: Member];
  leave: readonly [member: Member, reason: LeaveReason];
}

/** A topic as one client has it. */
export class Topic {
  readonly name: string;
  readonly type: AnyTopic;
  readonly #host: Host;
  readonly #own: Own;
  readonly #watch: Watch;
  readonly #announcers = new Set<Announcer>();
  readonly #listeners: { readonly [Event in keyof TopicEvents]: Listeners<TopicEvents[Event]> };
  #view: View | undefined;
  /** The view that was last told. */
  #told: View | undefined;
  #self: Member | null = null;
  #stale = true;
  #events: ViewEvent[] = [];
  #telling = false;

  constructor(name: string, type: AnyTopic, host: Host) {
    this.name = name;
    this.type = type;
    this.#host = host;
    const changed = () => this.changed();
    this.#own = new Own(name, type, host, changed);
    this.#watch = new Watch(name, host, (events) => {
      this.#take(events);
      this.changed();
    });
    const report = (error: unknown) => host.report(error);
    this.#listeners = {
      change: new Listeners(report),
      join: new Listeners(report),
      update: new Listeners(report),
      leave: new Listeners(report),
    };
  }

  /** Whether the own member is or will be present. */
  get present(): boolean {
    return this.#own.present;
  }

  /** Whether the server has heard of everything since the connection was made, and has told it. */
  get synced(): boolean {
    const seen = !this.#watch.wanted || this.#watch.synced || this.#watch.refusal !== undefined;
    return seen && (!this.#own.present || this.#own.greeted);
  }

  /** Who is present, as far as is known. */
  view(): View {
    if (this.#stale || this.#view === undefined) {
      this.#stale = false;
      this.#self = this.#lookAtSelf();
      const members = this.#watch.members;
      const own = this.#host.identity?.member;
      const [status, error] = [this.#state(), this.#error()];
      this.#view = compose(this.#view, { members, own, self: this.#self, status, error });
    }
    return this.#view;
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
    this.#watch.forget(this.#host.identity?.member);
    return done;
  }

  /** Calls for an event; the first call opens the subscription, after the last one it ends. */
  on<Event extends keyof TopicEvents>(
    event: Event,
    call: (...args: TopicEvents[Event]) => void,
  ): () => void {
    this.#host.begin();
    const stop = this.#listeners[event].add(call);
    this.#watch.want(true);
    return () => {
      stop();
      this.#rest();
    };
  }

  /** A new connection: announcing comes first, so that what is told includes oneself. */
  welcome(): void {
    this.#own.welcome();
    this.#watch.welcome();
    this.changed();
  }

  lost(): void {
    this.#own.lost();
    this.#watch.lost();
    this.changed();
  }

  hear(message: Snapshot | Changes): void {
    const own = this.#host.identity?.member;
    const mine = () => (own === undefined ? undefined : this.#watch.members.get(own));
    const before = mine();
    const events = this.#watch.hear(message);
    // Only what this message tells: of what a connection says alone its server tells it nothing, so
    // what was told earlier may be older than what was said since.
    const now = mine();
    if (now && now.value !== before?.value) this.#own.hear(now.value);
    this.#take(events);
    this.changed();
  }

  /** The server tells no more of the topic. */
  ended(fault: Fault): void {
    this.#watch.ended(new PresenceError(fault));
  }

  /** The server has taken another token: what it refused before it may allow now. */
  renewed(): void {
    this.#own.renewed();
    this.#watch.again();
  }

  /** The client is another user from now on. */
  changeUser(): void {
    this.#own.changeUser();
    this.#self = null;
  }

  gone(reason: Reason): void {
    const self = this.view().self;
    if (!this.#own.gone(reason)) return;
    this.#announcers.clear();
    this.#watch.forget(this.#host.identity?.member);
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

  close(error: PresenceError): void {
    this.#own.close(error);
    this.#announcers.clear();
    this.changed();
  }

  /** Something changed; handlers are told soon, once for everything that happens together. */
  changed(): void {
    this.#stale = true;
    this.#host.changed();
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => this.#tell());
  }

  /** Events are of others. */
  #take(events: readonly ViewEvent[]): void {
    const own = this.#host.identity?.member;
    for (const event of events) if (event.member.member !== own) this.#events.push(event);
  }

  #tell(): void {
    this.#telling = false;
    const events = this.#events;
    this.#events = [];
    for (const event of events) {
      if (event.type === "join") this.#listeners.join.emit(event.member);
      else if (event.type === "update") this.#listeners.update.emit(event.member, event.before);
      else this.#listeners.leave.emit(event.member, event.reason);
    }
    const view = this.view();
    if (view === this.#told) return;
    this.#told = view;
    this.#listeners.change.emit(view);
  }

  #announce(by: Announcer): void {
    this.#announcers.add(by);
  }

  /** Ends the subscription that nobody needs any more, unless somebody needs it again at once. */
  #rest(): void {
    this.#host.setTimeout(() => {
      const { change, join, update, leave } = this.#listeners;
      if (change.size + join.size + update.size + leave.size === 0) this.#watch.want(false);
    }, 0);
  }

  #state(): State {
    const { state } = this.#host;
    if (state === "closed" || this.#own.kicked || this.#watch.refusal) return "closed";
    if (!this.#host.open) return this.#watch.at ? "stale" : "connecting";
    if (this.#watch.wanted) return this.#watch.synced ? "live" : "syncing";
    return this.#watch.at ? "stale" : state;
  }

  #error(): PresenceError | null {
    return this.#host.over ?? this.#watch.refusal ?? this.#own.refusal ?? null;
  }

  /** The own member: what the application wants, or else what the server remembers of the tab. */
  #lookAtSelf(): Member | null {
    const { identity } = this.#host;
    const known = identity && this.#watch.members.get(identity.member);
    if (!this.#own.present) return this.#own.left || this.#own.kicked ? null : (known ?? null);
    const before = this.#self;
    const now = {
      member: identity?.member ?? "",
      user: identity?.user ?? "",
      value: this.#own.value,
      activity: this.#host.activity,
      following: known?.following ?? [],
      joinedMs: known?.joinedMs ?? before?.joinedMs ?? this.#watch.nowMs,
      updatedMs: known?.updatedMs ?? this.#watch.nowMs,
    };
    const same = before && before.member === now.member && before.joinedMs === now.joinedMs;
    return same && looksLike(before, now) ? before : now;
  }
}
