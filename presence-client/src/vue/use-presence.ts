import { computed, toValue } from "vue";
import type { MaybeRefOrGetter } from "vue";
import type { AnyTopic, InputOf, ParametersOf } from "../descriptor.js";
import { Presence } from "../store/presence.js";
import { usePlace } from "./context.js";
import { whileUsed } from "./while-used.js";

/**
 * Is in a topic as long as the component is mounted. With a first value it announces that once it is
 * mounted, unless another component has announced one; without, the first `heartbeat` does. Components of
 * the same topic share one member, which leaves a moment (300 ms) after the last of them. Other
 * parameters are a move: the member leaves there, and begins here with what is now the first value.
 *
 * @throws {PresenceError} `invalid_topic` when a parameter is no segment of a topic; `invalid_value`, once
 *   mounted, when the first value cannot be sent
 *
 * @example
 * const board = usePresence(cursor, () => ({ board: props.board }), { x: 0, y: 0, label: "Ann" });
 * const move = ({ clientX: x, clientY: y }: PointerEvent) => board.update({ x, y });
 */
export function usePresence<Type extends AnyTopic>(
  type: Type,
  parameters: MaybeRefOrGetter<ParametersOf<Type>>,
  initial?: MaybeRefOrGetter<InputOf<Type> | undefined>,
): Presence<Type> {
  const [at] = usePlace<Type>([type, parameters]);
  whileUsed(at, (place) => place.seat.hold());
  const begins = computed(() => toValue(initial) !== undefined);
  whileUsed(
    () => (begins.value ? at() : undefined),
    (place) => void place?.seat.begin(toValue(initial) as InputOf<Type>),
  );
  return new Presence(at);
}
