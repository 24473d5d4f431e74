import type { MaybeRefOrGetter } from "vue";
import type { AnyTopic, ParametersOf, ValueOf } from "../descriptor.js";
import type { Calls } from "../store/events.js";
import { listen } from "../store/events.js";
import type { Presence } from "../store/presence.js";
import { usePlace } from "./context.js";
import type { At } from "./context.js";
import { whileUsed } from "./while-used.js";

/** A composable that calls for what happens. */
export interface UseOn<Event extends keyof Calls<unknown>> {
  <Type extends AnyTopic>(presence: Presence<Type>, call: Calls<ValueOf<Type>>[Event]): void;
  <Type extends AnyTopic>(
    type: Type,
    parameters: MaybeRefOrGetter<ParametersOf<Type>>,
    call: Calls<ValueOf<Type>>[Event],
  ): void;
}

/**
 * Calls when somebody else is seen for the first time, those of the first snapshot included: who joins while the
 * topic's status is not yet `live` was there before.
 *
 * @example
 * useOnJoin(board, (member) => toast(`${member.user} is here`));
 */
export const useOnJoin: UseOn<"onJoin"> = /* @__PURE__ */ on("onJoin");

/**
 * Calls when somebody else's value, activity or following changed.
 *
 * @example
 * useOnUpdate(board.only("following"), (member) => scrollTo(member.value));
 */
export const useOnUpdate: UseOn<"onUpdate"> = /* @__PURE__ */ on("onUpdate");

/**
 * Calls when somebody else is gone, or oneself without having left. A lost connection is no reason.
 *
 * @example
 * useOnLeave(board, (member, reason) => toast(`${member.user} is gone: ${reason}`));
 */
export const useOnLeave: UseOn<"onLeave"> = /* @__PURE__ */ on("onLeave");

function on<Event extends keyof Calls<unknown>>(event: Event): UseOn<Event> {
  return function useOn<Type extends AnyTopic>(...args: At<Type>): void {
    const [at, call] = usePlace(args);
    whileUsed(at, (place) => listen(place, event, () => call));
  };
}
