/** What components ask of a view: pure functions, the same for every framework. */

import type { AnyTopic, ValueOf } from "../descriptor.js";
import type { PresenceError } from "../error.js";
import type { UserId } from "../id.js";
import type { State, Status } from "../status.js";
import { typing } from "../typing.js";
import type { TypingOptions } from "../typing.js";
import type { Member, View } from "../view.js";
import type { Activity } from "../wire.js";

/** How fresh what is seen of a topic is. */
export interface TopicStatus {
  /** `connecting` until something was seen: what there is nothing of is not known to be empty. */
  readonly state: State;
  /** Until when this was known to be what the server has, on the client's clock; nothing while it is. */
  readonly asOf: number | null;
  /** What the server refuses here, such as `kicked` or `forbidden`; nothing when nothing. */
  readonly error: PresenceError | null;
}

/** Who follows whom. */
export interface Follows {
  /** The users whom the own member follows. */
  readonly following: readonly UserId[];
  /** The users who follow the own one. */
  readonly followers: readonly UserId[];
}

/** How the sentence about who is typing is made. */
export interface TypingSentence<Value> extends TypingOptions {
  /** Whether somebody is. Defaults to what the field `typing` says. */
  readonly when?: (value: Value) => boolean;
  /** How somebody is called. Defaults to the user's id. */
  readonly name?: (member: Member<Value>) => string;
}

/** The sentence's options, which a topic type without a field `typing` cannot do without. */
export type TypingArguments<Type extends AnyTopic> =
  ValueOf<Type> extends { readonly typing: boolean }
    ? [options?: TypingSentence<ValueOf<Type>>]
    : [options: TypingSentence<ValueOf<Type>> & Required<Pick<TypingSentence<ValueOf<Type>>, "when">>];

/** A client's status on a server, and while its page is brought to life. */
export const CONNECTING: Status = { state: "connecting", since: 0, transport: "websocket", attempt: 0, retryAt: null, error: null };

export function statusOf({ status: state, asOf, error }: View): TopicStatus {
  return { state, asOf, error };
}

export function followsOf({ following, followers }: View): Follows {
  return { following, followers };
}

/** How busy a user is, or oneself; nothing while not present. */
export function activityOf({ self, users }: View, user?: UserId): Activity | null {
  if (user === undefined) return self?.activity ?? null;
  return users.find((it) => it.user === user)?.activity ?? null;
}

/** Who else is typing, as a sentence; a user in several tabs is one, and oneself is none. */
export function typingOf<Value>({ self, others }: View<Value>, options: TypingSentence<Value> = {}): string {
  const { when = hasTyping, name = ({ user }) => user, ...rest } = options;
  const names = new Map<UserId, string>();
  for (const member of others) {
    if (member.user !== self?.user && !names.has(member.user) && when(member.value)) names.set(member.user, name(member));
  }
  return typing([...names.values()], rest);
}

function hasTyping(value: unknown): boolean {
  return (value as { readonly typing?: unknown }).typing === true;
}
