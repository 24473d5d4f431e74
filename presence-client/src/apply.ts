/** From what is known and what the server says to what is known then, as pure functions. */

import { looksLike } from "./view.js";
import type { Member, Members, ViewEvent } from "./view.js";
import type { Changes, Entry, Snapshot, Update } from "./wire.js";

/** What is known after all parts of a message, and what happened on the way. */
export interface Applied {
  readonly members: Members;
  readonly events: readonly ViewEvent[];
}

/** Applies the parts of one snapshot or of one run of changes. */
export function apply(members: Members, parts: readonly (Snapshot | Changes)[]): Applied {
  return parts[0]?.type === "snapshot" ? replace(members, parts) : change(members, parts);
}

/** Everybody anew: what was known is only compared with, so that the same members stay the same. */
function replace(known: Members, parts: readonly (Snapshot | Changes)[]): Applied {
  const { members: told } = change(new Map(), parts);
  const members = new Map<string, Member>();
  const events: ViewEvent[] = [];
  for (const [id, before] of known) {
    if (!told.has(id)) events.push({ type: "leave", member: before, reason: "unseen" });
  }
  for (const [id, now] of told) {
    const before = known.get(id);
    if (before === undefined) events.push({ type: "join", member: now });
    const same = before !== undefined && looksLike(before, now);
    if (before !== undefined && !same) events.push({ type: "update", member: now, before });
    members.set(id, same && before.joinedMs === now.joinedMs ? before : now);
  }
  return { members, events };
}

/** Within a part `left` comes first: who left and returned is in both lists. */
function change(known: Members, parts: readonly (Snapshot | Changes)[]): Applied {
  const members = new Map(known);
  const events: ViewEvent[] = [];
  for (const part of parts) {
    for (const { member: id, reason } of (part.type === "changes" && part.left) || []) {
      const member = members.get(id);
      if (member === undefined) continue;
      members.delete(id);
      events.push({ type: "leave", member, reason });
    }
    for (const entry of (part.type === "snapshot" ? part.entries : part.joined) ?? []) {
      const before = members.get(entry.member);
      const member = memberOf(entry);
      const same = before !== undefined && looksLike(before, member);
      if (!same || before.joinedMs !== member.joinedMs) members.set(entry.member, member);
      if (!same) events.push(before ? { type: "update", member, before } : { type: "join", member });
    }
    for (const update of part.updated ?? []) {
      const before = members.get(update.member);
      if (before === undefined) continue;
      const member = updated(before, update, part.nowMs);
      members.set(update.member, member);
      events.push({ type: "update", member, before });
    }
  }
  return { members, events };
}

function memberOf(entry: Entry): Member {
  const { member, user, value, activity, following, joinedMs, updatedMs } = entry;
  return { member, user, value, activity, following, joinedMs, updatedMs };
}

function updated(before: Member, { value, activity, following }: Update, nowMs: number): Member {
  return {
    ...before,
    ...(value !== undefined && { value }),
    ...(activity !== undefined && { activity }),
    ...(following !== undefined && { following }),
    updatedMs: nowMs,
  };
}
