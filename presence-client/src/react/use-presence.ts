import { useEffect, useMemo } from "react";
import type { AnyTopic, InputOf, ParametersOf } from "../descriptor.js";
import { Presence } from "../store/presence.js";
import { usePlace } from "./context.js";

/**
 * Is in a topic as long as the component is mounted. With a first value it announces that once it is
 * mounted, unless another component has announced one; without, the first `heartbeat` does. Components of
 * the same topic share one member, which leaves a moment (300 ms) after the last of them. Other
 * parameters are a move: the member leaves there, and begins here with what is now the first value.
 *
 * Returns the same object until the topic is another.
 *
 * @throws {PresenceError} `invalid_topic` when a parameter is no segment of a topic; to the error boundary
 *   `invalid_value` when the first value cannot be sent
 *
 * @example
 * const board = usePresence(cursor, { board: "42" }, { x: 0, y: 0, label: "Ann" });
 * return <main onPointerMove={({ clientX: x, clientY: y }) => board.update({ x, y })} />;
 */
export function usePresence<Type extends AnyTopic>(
  type: Type,
  parameters: ParametersOf<Type>,
  initial?: InputOf<Type>,
): Presence<Type> {
  const [place] = usePlace<Type>([type, parameters]);
  const begins = initial !== undefined;
  useEffect(() => place.seat.hold(), [place]);
  useEffect(() => {
    if (begins) place.seat.begin(initial);
  }, [place, begins]);
  return useMemo(() => new Presence(() => place), [place]);
}
