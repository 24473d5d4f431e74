/** Who is missing at a server that has forgotten everything, and may come back as after a lost connection. */

import type { Applied } from "./apply.js";
import type { Member, Members, ViewEvent } from "./view.js";
import type { Changes, Snapshot } from "./wire.js";

/** Those who are missing, and until when. */
export class Missing {
  /** For how long, in milliseconds. With none, who is missing is gone. */
  readonly graceMs: number;
  readonly #until = new Map<string, number>();

  constructor(graceMs: number) {
    this.graceMs = graceMs;
  }

  /** How many they are. */
  get size(): number {
    return this.#until.size;
  }

  /** Misses nobody any more. */
  clear(): void {
    this.#until.clear();
  }

  /**
   * What is known after a message, when those who are missing stay for now: whoever a snapshot does not name of a server
   * that has `forgotten` everything. One knows oneself whether one is there: `own`.
   */
  keep(known: Members, { members, events }: Applied, parts: readonly (Snapshot | Changes)[], forgotten: boolean, own: string | undefined, now: number): Applied {
    for (const part of parts) {
      const told = part.type === "snapshot" ? part.entries : part.joined;
      for (const { member } of told ?? []) this.#until.delete(member);
    }
    if (parts[0]?.type !== "snapshot") return { members, events };
    for (const id of forgotten && this.graceMs > 0 ? known.keys() : []) {
      if (id !== own && !members.has(id) && !this.#until.has(id)) this.#until.set(id, now + this.graceMs);
    }
    const stay = new Map(members);
    for (const id of this.#until.keys()) {
      const member = known.get(id);
      if (member) stay.set(id, member);
      else this.#until.delete(id);
    }
    return { members: stay, events: events.filter((it) => it.type !== "leave" || !stay.has(it.member.member)) };
  }

  /** What is known once those are gone who are missing for too long by now. */
  give(known: Members, now: number): Applied {
    const gone = [...this.#until].flatMap(([id, until]) => (until <= now ? id : []));
    const members = new Map(known);
    const events: ViewEvent[] = [];
    for (const id of gone) {
      const member: Member | undefined = members.get(id);
      this.#until.delete(id);
      members.delete(id);
      if (member) events.push({ type: "leave", member, reason: "unseen" });
    }
    return events.length === 0 ? { members: known, events } : { members, events };
  }
}
