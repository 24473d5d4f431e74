import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { AnyTopic, ParametersOf, ValueOf } from "../descriptor.js";
import type { UserId } from "../id.js";
import type { Status } from "../status.js";
import { picker } from "../store/pick.js";
import type { Equality, Picked } from "../store/pick.js";
import { NOTHING } from "../store/place.js";
import type { Place } from "../store/place.js";
import { Presence } from "../store/presence.js";
import { CONNECTING, activityOf, followsOf, statusOf, typingOf } from "../store/read.js";
import type { Follows, TopicStatus, TypingArguments } from "../store/read.js";
import type { Counts, View } from "../view.js";
import type { Activity } from "../wire.js";
import { usePlace, usePresenceClient } from "./context.js";
import type { At } from "./context.js";

/** A part of a view of this type of topic. */
type PartOf<Type extends AnyTopic, Key extends keyof View> = View<ValueOf<Type>>[Key];

/**
 * A hook for a part of who is present, or for what a selector makes of it. A component is rendered only when that
 * is not equal to what it was: by default JSON by what is in it, everything else when it is another object.
 */
export interface UsePart<Key extends keyof View> {
  <Type extends AnyTopic, Part = PartOf<Type, Key>>(
    presence: Presence<Type>,
    select?: (part: PartOf<Type, Key>) => Part,
    equality?: Equality<Part>,
  ): Part;
  <Type extends AnyTopic, Part = PartOf<Type, Key>>(
    type: Type,
    parameters: ParametersOf<Type>,
    select?: (part: PartOf<Type, Key>) => Part,
    equality?: Equality<Part>,
  ): Part;
}

/**
 * The own member, as others see it or soon will; `null` while not present.
 *
 * @example
 * const label = useSelf(board, (self) => self?.value.label);
 */
export const useSelf: UsePart<"self"> = /* @__PURE__ */ part("self");

/**
 * Everybody else, in the order of joining.
 *
 * @example
 * const others = useOthers(board);
 * const count = useOthers(cursor, { board: "42" }, (others) => others.length);
 */
export const useOthers: UsePart<"others"> = /* @__PURE__ */ part("others");

/** Everybody, in the order of joining. */
export const useMembers: UsePart<"members"> = /* @__PURE__ */ part("members");

/**
 * Everybody, folded by user, who may have several tabs.
 *
 * @example
 * const count = useUsers(board, (users) => users.length);
 */
export const useUsers: UsePart<"users"> = /* @__PURE__ */ part("users");

/**
 * How many members and users there are. Where nothing else looks at the topic, the server tells only that.
 *
 * @example
 * const { users } = useCounts(cursor, { board: "42" });
 */
export function useCounts<Type extends AnyTopic>(presence: Presence<Type>): Counts;
export function useCounts<Type extends AnyTopic>(type: Type, parameters: ParametersOf<Type>): Counts;
export function useCounts<Type extends AnyTopic>(...args: At<Type>): Counts {
  const [place] = usePlace(args);
  return useSyncExternalStore(place.subscribeToCounts, () => place.view().counts, () => NOTHING.counts);
}

/**
 * Who else is typing, as a sentence: "Ann and Bo are typing", or nothing.
 *
 * @example
 * const sentence = useTyping(board, { name: (member) => member.value.label });
 */
export function useTyping<Type extends AnyTopic>(presence: Presence<Type>, ...options: TypingArguments<Type>): string;
export function useTyping<Type extends AnyTopic>(
  type: Type,
  parameters: ParametersOf<Type>,
  ...options: TypingArguments<Type>
): string;
export function useTyping<Type extends AnyTopic>(...args: At<Type>): string {
  const [place, options] = usePlace(args);
  return usePicked(place, (view) => typingOf(view, options as TypingArguments<Type>[0]));
}

/**
 * How busy a user is: `active`, `idle` or `away`, or `null` when not present. Without a user the own activity.
 *
 * @example
 * const faded = useActivity(board, "bo") !== "active";
 */
export function useActivity<Type extends AnyTopic>(presence: Presence<Type>, user?: UserId): Activity | null;
export function useActivity<Type extends AnyTopic>(type: Type, parameters: ParametersOf<Type>, user?: UserId): Activity | null;
export function useActivity<Type extends AnyTopic>(...args: At<Type>): Activity | null {
  const [place, user] = usePlace(args);
  return usePicked(place, (view) => activityOf(view, user as UserId | undefined));
}

/**
 * How the client is connected; of a topic, how fresh what is seen is, and what the server refuses. While it
 * is `connecting` or `syncing`, nobody is known to be absent.
 *
 * @example
 * const { state } = useStatus(board);
 * if (state === "connecting") return <Skeleton />;
 */
export function useStatus(): Status;
export function useStatus<Type extends AnyTopic>(presence: Presence<Type>): TopicStatus;
export function useStatus<Type extends AnyTopic>(type: Type, parameters: ParametersOf<Type>): TopicStatus;
export function useStatus<Type extends AnyTopic>(...args: readonly [] | At<Type>): Status | TopicStatus {
  // One or the other for good, as with any hook: a component asks of a topic, or of the client.
  return args.length === 0 ? useClientStatus() : usePicked(usePlace<Type>(args as At<Type>)[0], statusOf);
}

function useClientStatus(): Status {
  const client = usePresenceClient();
  const subscribe = useCallback((call: () => void) => client.onStatus(call), [client]);
  return useSyncExternalStore(subscribe, () => client.status, () => CONNECTING);
}

/** Who follows whom, and what changes it. */
export interface UseFollow extends Follows {
  /** Follows these users too. */
  readonly follow: (...users: readonly UserId[]) => void;
  /** Follows these users no longer; nobody any more when none is named. */
  readonly unfollow: (...users: readonly UserId[]) => void;
}

/**
 * Whom the own member follows, and who follows it; others see both. What those do who are followed tell
 * `useOthers(board.only("following"))`, and `useOnUpdate` without a render.
 *
 * @example
 * const { following, follow, unfollow } = useFollow(board);
 */
export function useFollow<Type extends AnyTopic>(presence: Presence<Type>): UseFollow;
export function useFollow<Type extends AnyTopic>(type: Type, parameters: ParametersOf<Type>): UseFollow;
export function useFollow<Type extends AnyTopic>(...args: At<Type>): UseFollow {
  const [place] = usePlace(args);
  const follows = usePicked(place, followsOf);
  const actions = useMemo(() => new Presence(() => place), [place]);
  return useMemo(() => ({ ...follows, follow: actions.follow, unfollow: actions.unfollow }), [follows, actions]);
}

function part<Key extends keyof View>(key: Key): UsePart<Key> {
  return function usePart<Type extends AnyTopic, Part>(...args: At<Type>): Part {
    const [place, select = identity, equality] = usePlace(args);
    const pick = select as (part: PartOf<Type, Key>) => Part;
    const whole = useCallback((view: View<ValueOf<Type>>) => pick(view[key]), [pick]);
    return usePicked(place, whole, equality as Equality<Part> | undefined);
  };
}

const identity = (it: unknown) => it;

/** What a selector makes of what is seen; another object only when it is not equal. */
function usePicked<Type extends AnyTopic, Part>(
  place: Place<Type>,
  select: (view: View<ValueOf<Type>>) => Part,
  equality?: Equality<Part>,
): Part {
  const last = useRef<Picked<Part> | undefined>(undefined);
  const [now, nothing] = useMemo(() => {
    const pick = picker(select, equality, () => last.current);
    return [() => pick(place.view()), () => pick(NOTHING)] as const;
  }, [place, select, equality]);
  const value = useSyncExternalStore(place.subscribe, now, nothing);
  useEffect(() => {
    last.current = { value };
  }, [value]);
  return value;
}
