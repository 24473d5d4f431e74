import { useEffect, useRef, useSyncExternalStore } from "react";
import type { AnyTopic, ParametersOf } from "../descriptor.js";
import type { Presence } from "../store/presence.js";
import { ready } from "../store/ready.js";
import { usePlace } from "./context.js";
import type { At } from "./context.js";

/**
 * Suspends until it is known who is in a topic, or refused: the nearest `<Suspense>` shows its fallback, and what is
 * painted then is never an empty room that only was not known yet. What is painted already is not suspended again
 * by a lost connection. On a server, where nobody is known, the fallback is rendered.
 *
 * @throws {Error} on a server, to the nearest `<Suspense>`, as React has it for what is of the browser alone
 *
 * @example
 * useReady(board);
 * const count = useOthers(board, (others) => others.length);
 */
export function useReady<Type extends AnyTopic>(presence: Presence<Type>): void;
export function useReady<Type extends AnyTopic>(type: Type, parameters: ParametersOf<Type>): void;
export function useReady<Type extends AnyTopic>(...args: At<Type>): void {
  const [place] = usePlace(args);
  const painted = useRef<typeof place | undefined>(undefined);
  useEffect(() => {
    painted.current = place;
  }, [place]);
  const inBrowser = useSyncExternalStore(never, yes, no);
  if (!inBrowser) throw new Error(`who is in ${place.name} is known in the browser: a <Suspense> around useReady shows its fallback until then`);
  if (painted.current === place) return;
  const waiting = ready(place);
  // React takes a promise that is thrown, in 18 as in 19.
  if (waiting !== undefined) throw waiting;
}

const never = () => () => {};
const yes = () => true;
const no = () => false;
