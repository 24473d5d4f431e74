/** Entries: members with all that is known of them. */

import type { Activity } from "../../wire.js";
import { removal } from "./lease.js";
import type { Lease, Removal, Tenure } from "./lease.js";

/** A value that was judged, as the topic keeps it. */
export interface Value {
  /** The canonical JSON. */
  readonly json: string;
  /** The fields that are not at their defaults and will fall back to them. */
  readonly decaying: readonly string[];
  /** The same value with some fields back at their defaults. */
  decayed(fields: readonly string[]): Value;
}

/** A change: its place in the order of the topic, and whose message made it; nobody's when the server did. */
export interface Mark {
  readonly sequence: number;
  readonly by: number | undefined;
}

/** What of an entry can change. */
export type Aspect = "value" | "activity" | "following";

/** All of them. */
export const ASPECTS: readonly Aspect[] = ["value", "activity", "following"];

/** A value that came too fast, and waits. */
export interface Held {
  readonly value: Value;
  readonly since: number;
  readonly by: number | undefined;
  readonly at: number;
}

/** A member, its value and its lease. Only its topic changes it. */
export interface Entry {
  readonly member: string;
  readonly user: string;
  readonly session: string;
  readonly digest: string;
  /** The place of its joining, which no other entry ever has. */
  readonly joined: number;
  readonly joinedMs: number;
  value: Value;
  activity: Activity;
  following: readonly string[];
  changed: Record<Aspect, Mark>;
  updatedMs: number;
  n: number;
  tenure: Tenure;
  /** The fields that will fall back, and since when that time runs. */
  decaying: { readonly fields: readonly string[]; readonly since: number };
  held: Held | undefined;
  usedUntil: number;
}

/** Announces or renews. What it does not say stays as it is. */
export interface Beat {
  readonly lease: Lease;
  readonly value?: Value | undefined;
  readonly n?: number | undefined;
  readonly by?: number | undefined;
  readonly activity?: Activity | undefined;
  readonly hidden?: boolean | undefined;
  readonly following?: readonly string[] | undefined;
}

/** What happens to an entry next if nobody says anything. */
export type Due =
  | { readonly at: number; readonly removal: Removal }
  | { readonly at: number; readonly decay: readonly string[] }
  | { readonly at: number; readonly held: true };

/** The place at which it last changed. */
export function version({ changed }: Entry): number {
  return Math.max(...ASPECTS.map((it) => changed[it].sequence));
}

/** What changed after a place. */
export function changedSince({ changed }: Entry, since: number): Aspect[] {
  return ASPECTS.filter((it) => changed[it].sequence > since);
}

/** Whose message made all that changed after a place; nothing when some of it was another's. */
export function changedBy(entry: Entry, since: number): number | undefined {
  const authors = new Set(changedSince(entry, since).map((it) => entry.changed[it].by));
  return authors.size === 1 ? [...authors][0] : undefined;
}

/** What happens next. At the same moment going counts first, then another value, then decay. */
export function due(entry: Entry, decays: Readonly<Record<string, number>>): Due | undefined {
  const all: Due[] = [];
  const end = removal(entry.tenure);
  if (end) all.push({ at: end.at, removal: end });
  if (entry.held) all.push({ at: entry.held.at, held: true });
  const { fields, since } = entry.decaying;
  const after = Math.min(...fields.map((it) => decays[it] ?? Infinity));
  if (after < Infinity) {
    all.push({ at: since + after, decay: fields.filter((it) => decays[it] === after) });
  }
  return all.reduce<Due | undefined>((first, it) => (first && first.at <= it.at ? first : it), undefined);
}
