/** Some of a topic's members as somebody looks at them: a view, and what happens to it. */

import type { UserId } from "./id.js";
import { Listeners } from "./listeners.js";
import { compose } from "./view.js";
import type { LeaveReason, Member, Sight, View, ViewEvent } from "./view.js";
import type { Filter } from "./wire.js";

/** What the events of a topic are called with. */
export interface TopicEvents {
  change: readonly [view: View];
  join: readonly [member: Member];
  update: readonly [member: Member, before: Member];
  leave: readonly [member: Member, reason: LeaveReason];
}

/** Some of a topic's members. */
export class Lens {
  readonly filter: Filter;
  readonly #listeners: { readonly [Event in keyof TopicEvents]: Listeners<TopicEvents[Event]> };
  #view: View | undefined;
  /** The view that was last told. */
  #told: View | undefined;
  /** Of which version of what is known the view is. */
  #version = -1;

  constructor(filter: Filter, report: (error: unknown) => void) {
    this.filter = filter;
    this.#listeners = {
      change: new Listeners(report),
      join: new Listeners(report),
      update: new Listeners(report),
      leave: new Listeners(report),
    };
  }

  /** Whether anybody listens. */
  get used(): boolean {
    return Object.values(this.#listeners).some((it) => it.size > 0);
  }

  on<Event extends keyof TopicEvents>(event: Event, call: (...args: TopicEvents[Event]) => void): () => void {
    return this.#listeners[event].add(call);
  }

  /** Whether somebody is looked at, by who follows these users. */
  shows({ user }: Member, following: readonly UserId[]): boolean {
    if (this.filter === "following") return following.includes(user);
    return typeof this.filter !== "object" || this.filter.users.includes(user);
  }

  /** What is seen; looked at anew when it may be another. */
  view(version: number, sight: () => Sight): View {
    if (this.#version !== version || this.#view === undefined) {
      const seen = sight();
      const only = (member: Member) => this.shows(member, seen.following);
      this.#view = compose(this.#view, typeof this.filter === "string" && this.filter !== "following" ? seen : { ...seen, only });
      this.#version = version;
    }
    return this.#view;
  }

  /** Tells what happened, and what is now. */
  tell(events: readonly ViewEvent[], version: number, sight: () => Sight): void {
    const { change, join, update, leave } = this.#listeners;
    for (const event of events) {
      if (event.type === "join") join.emit(event.member);
      else if (event.type === "update") update.emit(event.member, event.before);
      else leave.emit(event.member, event.reason);
    }
    const view = this.view(version, sight);
    if (view === this.#told) return;
    this.#told = view;
    change.emit(view);
  }
}

/** What the server has to tell, so that all of these see what they look at; nothing where nobody looks. */
export function union(filters: readonly Filter[]): Filter | undefined {
  const [first = "everybody", ...others] = filters;
  if (filters.length === 0 || others.every((it) => it === first)) return filters[0];
  // Only who hears of everybody hears of each that comes and goes, and of others as well.
  const users = new Set(filters.flatMap((it) => (typeof it === "object" ? it.users : [])));
  const named = filters.every((it) => typeof it === "object") && users.size <= MAX_USERS;
  return named ? { users: [...users].sort() } : "everybody";
}

/** As many users a filter may name. */
const MAX_USERS = 128;
