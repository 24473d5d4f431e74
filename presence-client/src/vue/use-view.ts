import { computed, shallowRef, toValue } from "vue";
import type { MaybeRefOrGetter, Ref } from "vue";
import type { AnyTopic, ParametersOf, ValueOf } from "../descriptor.js";
import type { UserId } from "../id.js";
import type { Status } from "../status.js";
import type { Equality } from "../store/pick.js";
import { NOTHING } from "../store/place.js";
import type { Place } from "../store/place.js";
import { Presence } from "../store/presence.js";
import { CONNECTING, activityOf, followsOf, statusOf, typingOf } from "../store/read.js";
import type { TopicStatus, TypingArguments } from "../store/read.js";
import { same } from "../store/same.js";
import type { Counts, View } from "../view.js";
import type { Activity } from "../wire.js";
import { usePlace, usePresenceClient } from "./context.js";
import type { At } from "./context.js";
import { whileUsed } from "./while-used.js";

/** A part of a view of this type of topic. */
type PartOf<Type extends AnyTopic, Key extends keyof View> = View<ValueOf<Type>>[Key];

/**
 * A composable for a part of who is present, or for what a selector makes of it, which may look at other refs. The ref
 * is another only when that is not equal to what it was: by default JSON by what is in it, everything else when it is
 * another object.
 */
export interface UsePart<Key extends keyof View> {
  <Type extends AnyTopic, Part = PartOf<Type, Key>>(
    presence: Presence<Type>,
    select?: (part: PartOf<Type, Key>) => Part,
    equality?: Equality<Part>,
  ): Readonly<Ref<Part>>;
  <Type extends AnyTopic, Part = PartOf<Type, Key>>(
    type: Type,
    parameters: MaybeRefOrGetter<ParametersOf<Type>>,
    select?: (part: PartOf<Type, Key>) => Part,
    equality?: Equality<Part>,
  ): Readonly<Ref<Part>>;
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
 * const counts = useCounts(cursor, { board: "42" });
 */
export function useCounts<Type extends AnyTopic>(presence: Presence<Type>): Readonly<Ref<Counts>>;
export function useCounts<Type extends AnyTopic>(
  type: Type,
  parameters: MaybeRefOrGetter<ParametersOf<Type>>,
): Readonly<Ref<Counts>>;
export function useCounts<Type extends AnyTopic>(...args: At<Type>): Readonly<Ref<Counts>> {
  const [at] = usePlace(args);
  const counts = shallowRef(NOTHING.counts);
  whileUsed(at, (place) => {
    const look = () => (counts.value = place.view().counts);
    look();
    return place.subscribeToCounts(look);
  });
  return counts;
}

/**
 * Who else is typing, as a sentence: "Ann and Bo are typing", or nothing.
 *
 * @example
 * const sentence = useTyping(board, { name: (member) => member.value.label });
 */
export function useTyping<Type extends AnyTopic>(
  presence: Presence<Type>,
  ...options: TypingArguments<Type>
): Readonly<Ref<string>>;
export function useTyping<Type extends AnyTopic>(
  type: Type,
  parameters: MaybeRefOrGetter<ParametersOf<Type>>,
  ...options: TypingArguments<Type>
): Readonly<Ref<string>>;
export function useTyping<Type extends AnyTopic>(...args: At<Type>): Readonly<Ref<string>> {
  const [at, options] = usePlace(args);
  return usePicked(at, (view) => typingOf(view, options as TypingArguments<Type>[0]));
}

/**
 * How busy a user is: `active`, `idle` or `away`, or `null` when not present. Without a user the own activity.
 *
 * @example
 * const activity = useActivity(board, "bo");
 */
export function useActivity<Type extends AnyTopic>(
  presence: Presence<Type>,
  user?: MaybeRefOrGetter<UserId | undefined>,
): Readonly<Ref<Activity | null>>;
export function useActivity<Type extends AnyTopic>(
  type: Type,
  parameters: MaybeRefOrGetter<ParametersOf<Type>>,
  user?: MaybeRefOrGetter<UserId | undefined>,
): Readonly<Ref<Activity | null>>;
export function useActivity<Type extends AnyTopic>(...args: At<Type>): Readonly<Ref<Activity | null>> {
  const [at, user] = usePlace(args);
  return usePicked(at, (view) => activityOf(view, toValue(user as MaybeRefOrGetter<UserId | undefined>)));
}

/**
 * How the client is connected; of a topic, how fresh what is seen is, and what the server refuses. While it
 * is `connecting` or `syncing`, nobody is known to be absent.
 *
 * @example
 * const status = useStatus(board);
 * const loading = computed(() => status.value.state === "connecting");
 */
export function useStatus(): Readonly<Ref<Status>>;
export function useStatus<Type extends AnyTopic>(presence: Presence<Type>): Readonly<Ref<TopicStatus>>;
export function useStatus<Type extends AnyTopic>(
  type: Type,
  parameters: MaybeRefOrGetter<ParametersOf<Type>>,
): Readonly<Ref<TopicStatus>>;
export function useStatus<Type extends AnyTopic>(...args: readonly [] | At<Type>): Readonly<Ref<Status | TopicStatus>> {
  return args.length === 0 ? useClientStatus() : usePicked(usePlace<Type>(args as At<Type>)[0], statusOf);
}

function useClientStatus(): Readonly<Ref<Status>> {
  const provided = usePresenceClient();
  const status = shallowRef(CONNECTING);
  whileUsed(
    () => provided.value,
    (client) => {
      status.value = client.status;
      return client.onStatus((now) => (status.value = now));
    },
  );
  return status;
}

/** Who follows whom, and what changes it. */
export interface UseFollow {
  /** The users whom the own member follows. */
  readonly following: Readonly<Ref<readonly UserId[]>>;
  /** The users who follow the own one. */
  readonly followers: Readonly<Ref<readonly UserId[]>>;
  /** Follows these users too. */
  readonly follow: (...users: readonly UserId[]) => void;
  /** Follows these users no longer; nobody any more when none is named. */
  readonly unfollow: (...users: readonly UserId[]) => void;
}

/**
 * Whom the own member follows, and who follows it; others see both. What those do who are followed tell
 * `useOthers(board.only("following"))`, and `useOnUpdate` without painting anything.
 *
 * @example
 * const { following, follow, unfollow } = useFollow(board);
 */
export function useFollow<Type extends AnyTopic>(presence: Presence<Type>): UseFollow;
export function useFollow<Type extends AnyTopic>(type: Type, parameters: MaybeRefOrGetter<ParametersOf<Type>>): UseFollow;
export function useFollow<Type extends AnyTopic>(...args: At<Type>): UseFollow {
  const [at] = usePlace(args);
  const follows = usePicked(at, followsOf);
  const [following, followers] = [computed(() => follows.value.following), computed(() => follows.value.followers)];
  const { follow, unfollow } = new Presence(at);
  return { following, followers, follow, unfollow };
}

function part<Key extends keyof View>(key: Key): UsePart<Key> {
  return function usePart<Type extends AnyTopic, Part>(...args: At<Type>): Readonly<Ref<Part>> {
    const [at, select, equality] = usePlace(args);
    const pick = select as ((part: PartOf<Type, Key>) => Part) | undefined;
    return usePicked(
      at,
      (view) => (pick ? pick(view[key]) : (view[key] as Part)),
      equality as Equality<Part> | undefined,
    );
  };
}

/** What a selector makes of what is seen; another object only when it is not equal. */
function usePicked<Type extends AnyTopic, Part>(
  at: () => Place<Type>,
  select: (view: View<ValueOf<Type>>) => Part,
  equality: Equality<Part> = same,
): Readonly<Ref<Part>> {
  const view = shallowRef<View<ValueOf<Type>>>(NOTHING);
  whileUsed(at, (place) => {
    const look = () => (view.value = place.view());
    look();
    return place.subscribe(look);
  });
  let last: { readonly value: Part } | undefined;
  return computed(() => {
    const value = select(view.value);
    if (last === undefined || !equality(last.value, value)) last = { value };
    return last.value;
  });
}
