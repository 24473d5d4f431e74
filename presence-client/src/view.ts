/** Who is present, as the application sees it: pure functions from what is known. */

import { equal, sameItems } from "./equal.js";
import type { PresenceError } from "./error.js";
import type { MemberId, UserId } from "./id.js";
import type { State } from "./status.js";
import type { Activity, Reason } from "./wire.js";

/** A user's session present in a topic. */
export interface Member<Value = unknown> {
  /** The member's id; opaque, unique in the topic. Empty for oneself until the server has said it. */
  readonly member: MemberId;
  /** Who it is. One user may be several members. Empty for oneself until the server has said it. */
  readonly user: UserId;
  /** What the member says. */
  readonly value: Value;
  /** How busy the member is. */
  readonly activity: Activity;
  /** The users this member follows. */
  readonly following: readonly UserId[];
  /** When the member joined, in milliseconds of the topic's own clock. */
  readonly joinedMs: number;
  /** When something of it last changed, in milliseconds of the topic's own clock. */
  readonly updatedMs: number;
}

/** A user with all members that are theirs. */
export interface User<Value = unknown> {
  /** Who it is. */
  readonly user: UserId;
  /** The busiest of the members' activities. */
  readonly activity: Activity;
  /** At least one, in the order of joining. */
  readonly members: readonly Member<Value>[];
}

/** Who is present. Immutable; what has not changed is the same object as before. */
export interface View<Value = unknown> {
  /** The own member, as others see it or soon will; nothing while not present. */
  readonly self: Member<Value> | null;
  /** Everybody else, in the order of joining. */
  readonly others: readonly Member<Value>[];
  /** Everybody. */
  readonly members: readonly Member<Value>[];
  /** Everybody, folded by user. */
  readonly users: readonly User<Value>[];
  /** How many are present, also of those who are not told of one by one. */
  readonly counts: Counts;
  /** The users whom the own member follows. */
  readonly following: readonly UserId[];
  /** The users who follow the own one. */
  readonly followers: readonly UserId[];
  /** Whether this can be relied on: absence says something only when `live`. */
  readonly status: State;
  /** Until when this was known to be what the server has, on the client's clock; nothing while it is. */
  readonly asOf: number | null;
  /**
   * What the server refuses here, such as `kicked` or `forbidden`; nothing when nothing. While the
   * status is not `closed`, one may look on and only not be present.
   */
  readonly error: PresenceError | null;
}

/** How many members there are, and how many users they are. */
export interface Counts {
  /** How many sessions are present, the own one included. */
  readonly members: number;
  /** How many users they are: one in several tabs counts once. */
  readonly users: number;
}

/** Why a member is no longer seen; `unseen` when it was absent from a new snapshot. */
export type LeaveReason = Reason | "unseen";

/** Something that happened to the members. */
export type ViewEvent =
  | { readonly type: "join"; readonly member: Member }
  | { readonly type: "update"; readonly member: Member; readonly before: Member }
  | { readonly type: "leave"; readonly member: Member; readonly reason: LeaveReason };

/** Members by id, in the order of joining. */
export type Members = ReadonlyMap<string, Member>;

/** Whether two states of a member look the same to everybody. */
export function looksLike(a: Member, b: Member): boolean {
  return (
    a.activity === b.activity && equal(a.value, b.value) && equal(a.following, b.following)
  );
}

/** What a view is made of. */
export interface Sight extends Pick<View, "self" | "status" | "error" | "asOf" | "following"> {
  readonly members: Members;
  /** The own member's id and user, once the server has told them. */
  readonly own: { readonly member: MemberId; readonly user: UserId } | undefined;
  /** Who of the others is looked at. */
  readonly only?: (member: Member) => boolean;
  /** What the server counts, where not everybody is told of. */
  readonly counts: Counts | undefined;
}

/** The view of this sight; parts that are as before are the same objects as before. */
export function compose(before: View | undefined, { members, own, only, counts, ...seen }: Sight): View {
  const { self } = seen;
  const [others, all, followers]: [Member[], Member[], UserId[]] = [[], [], []];
  for (const [id, member] of members) {
    if (id === own?.member) {
      if (self) all.push(self);
      continue;
    }
    if (own && member.following.includes(own.user)) followers.push(member.user);
    if (only && !only(member)) continue;
    others.push(member);
    all.push(member);
  }
  if (self && !(own && members.has(own.member))) all.push(self);
  const known = before && sameItems(before.members, all) ? before : undefined;
  const users = known?.users ?? fold(before?.users ?? [], all);
  const { members: m, users: u } = counts ?? { members: all.length, users: users.length };
  const same = before?.counts.members === m && before.counts.users === u;
  const view: View = {
    ...seen,
    following: reuse(before?.following, seen.following),
    followers: reuse(before?.followers, [...new Set(followers)]),
    others: reuse(before?.others, others),
    members: known?.members ?? all,
    users,
    counts: same ? before.counts : { members: m, users: u },
  };
  const keys = Object.keys(view) as (keyof View)[];
  return before && keys.every((key) => before[key] === view[key]) ? before : view;
}

function reuse<Item>(before: readonly Item[] | undefined, now: readonly Item[]): readonly Item[] {
  return before && sameItems(before, now) ? before : now;
}

/** Members by user, in the order in which the users joined. */
function fold(before: readonly User[], members: readonly Member[]): readonly User[] {
  const byUser = new Map<string, Member[]>();
  for (const member of members) {
    const mine = byUser.get(member.user);
    if (mine) mine.push(member);
    else byUser.set(member.user, [member]);
  }
  const known = new Map(before.map((user) => [user.user, user]));
  const users = Array.from(byUser, ([user, mine]): User => {
    const old = known.get(user);
    return old && sameItems(old.members, mine) ? old : { user, activity: busiest(mine), members: mine };
  });
  return reuse(before, users);
}

function busiest(members: readonly Member[]): Activity {
  const order = ["active", "idle", "away"] as const;
  return order.find((activity) => members.some((it) => it.activity === activity)) ?? "away";
}
