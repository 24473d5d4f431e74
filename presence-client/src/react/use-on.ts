import { useEffect, useRef } from "react";
import type { AnyTopic, ParametersOf, ValueOf } from "../descriptor.js";
import type { LeaveReason, Member } from "../view.js";
import type { Presence } from "../store/presence.js";
import { usePlace } from "./context.js";
import type { At } from "./context.js";

/** What the hooks for events are called with; a call may be another function at every render. */
interface Calls<Value> {
  onJoin: (member: Member<Value>) => void;
  onUpdate: (member: Member<Value>, before: Member<Value>) => void;
  onLeave: (member: Member<Value>, reason: LeaveReason) => void;
}

/** A hook that calls for what happens, without a render. */
export interface UseOn<Event extends keyof Calls<unknown>> {
  <Type extends AnyTopic>(presence: Presence<Type>, call: Calls<ValueOf<Type>>[Event]): void;
  <Type extends AnyTopic>(type: Type, parameters: ParametersOf<Type>, call: Calls<ValueOf<Type>>[Event]): void;
}

/**
 * Calls when somebody else is seen for the first time, those of the first snapshot included.
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
    const [place, call] = usePlace(args);
    const latest = useRef(call);
    useEffect(() => {
      latest.current = call;
    });
    useEffect(() => {
      const handle = place.handle as unknown as Record<Event, (call: (...args: unknown[]) => void) => () => void>;
      return handle[event]((...told) => (latest.current as (...told: unknown[]) => void)(...told));
    }, [place]);
  };
}
