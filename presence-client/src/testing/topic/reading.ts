/** The one read operation: what a reader does not know yet. */

import { changedBy, version } from "./entry.js";
import type { Entry } from "./entry.js";
import type { Departure, Topic } from "./topic.js";

/** One thing that a reader is told. */
export type Told =
  | { readonly left: Departure }
  | { readonly joined: Entry }
  | { readonly updated: Entry; readonly since: number };

/** What there is to tell: everything, or net changes. */
export interface Reading {
  readonly snapshot: boolean;
  readonly things: readonly Told[];
}

/** What a reader at a position does not know; nothing when it is up to date. */
export function read(topic: Topic, at: string | undefined): Reading | undefined {
  if (at === topic.at) return undefined;
  const since = known(topic, at);
  if (since === undefined) {
    return { snapshot: true, things: Array.from(topic.entries.values(), (joined) => ({ joined })) };
  }
  const left = topic.departures.filter((it) => it.left > since && it.joined <= since);
  const entries = [...topic.entries.values()];
  const updated = entries.filter((it) => it.joined <= since && version(it) > since);
  updated.sort((a, b) => version(a) - version(b));
  const things: Told[] = [
    ...left.map((it) => ({ left: it })),
    ...entries.filter((it) => it.joined > since).map((joined) => ({ joined })),
    ...updated.map((it) => ({ updated: it, since })),
  ];
  return { snapshot: false, things };
}

/** The sequence of a position from which on the topic remembers everything. */
function known(topic: Topic, at: string | undefined): number | undefined {
  const [, epoch, digits] = /^([0-9a-f]+)\.(0|[1-9][0-9]*)$/.exec(at ?? "") ?? [];
  const sequence = Number(digits);
  const remembered = topic.floor <= sequence && sequence <= topic.sequence;
  return epoch === topic.epoch && remembered ? sequence : undefined;
}

/** Whom a thing is about. */
export function userOf(told: Told): string {
  return "left" in told ? told.left.user : "joined" in told ? told.joined.user : told.updated.user;
}

/** Whose message caused all of it; nothing when some of it was another's or the server's doing. */
export function author(told: Told): number | undefined {
  if ("left" in told) return told.left.by;
  return "joined" in told ? changedBy(told.joined, 0) : changedBy(told.updated, told.since);
}
