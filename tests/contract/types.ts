// What must compile and what must not. The compiler is the judge: a line after `@ts-expect-error`
// that compiles is an error too.

import {
  type AnyTopic,
  type Availability,
  type Cursor,
  type CursorInput,
  cursor,
  type InputOf,
  type ParametersOf,
  type SelectionInput,
  selection,
  type StatusInput,
  status,
  type Tool,
  type TopicDescriptor,
  type TopicParameters,
  typing,
  type ValueOf,
} from "../../generated/index.js";

/** What a client makes of a descriptor. */
interface Topic<Value, Input> {
  heartbeat(value: Input): void;
  value(): Value;
}
declare function topic<Value, Input, Pattern extends string>(
  of: TopicDescriptor<Value, Input, Pattern>,
  parameters: TopicParameters<Pattern>,
): Topic<Value, Input>;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function isTrue<_T extends true>(): void {}

// A descriptor carries its types.
isTrue<Same<ValueOf<typeof cursor>, Cursor>>();
isTrue<Same<InputOf<typeof cursor>, CursorInput>>();
isTrue<Same<ParametersOf<typeof cursor>, { readonly board: string | number }>>();
isTrue<Same<Cursor["tool"], Tool>>();
isTrue<Same<CursorInput["tool"], Tool | undefined>>();
const all: readonly AnyTopic[] = [cursor, status, typing, selection];
all.map((it) => it.fingerprint);

// Parameters are those of the pattern.
const board = topic(cursor, { board: "42" });
topic(cursor, { board: 42 });
// @ts-expect-error a missing parameter
topic(cursor, {});
// @ts-expect-error a misspelt parameter
topic(cursor, { bord: "42" });
// @ts-expect-error a parameter too many
topic(cursor, { board: "42", room: "1" });
// @ts-expect-error a parameter of another type
topic(cursor, { board: null });

// Input may leave out what has a default.
board.heartbeat({ x: 1, y: 2, label: "Ann" });
board.heartbeat({ x: 1, y: 2, label: "Ann", tool: "pen", typing: true });
// @ts-expect-error a missing field
board.heartbeat({ x: 1, y: 2 });
// @ts-expect-error an unknown field
board.heartbeat({ x: 1, y: 2, label: "Ann", colour: "red" });
// @ts-expect-error a field of another type
board.heartbeat({ x: "1", y: 2, label: "Ann" });
// @ts-expect-error a variant that is none
board.heartbeat({ x: 1, y: 2, label: "Ann", tool: "brush" });

// What is received is whole.
const value: Cursor = board.value();
value.typing satisfies boolean;
// @ts-expect-error a value without its defaults
({ x: 1, y: 2, label: "Ann" }) satisfies Cursor;

// Enums with a tag are told apart by it.
const minutes = (it: Availability): number | null => (it.state === "busy" ? it.minutes : null);
minutes({ state: "busy", minutes: 5 });
({ availability: { state: "busy" } }) satisfies StatusInput;
// @ts-expect-error a field of another variant
({ availability: { state: "available", minutes: 5 } }) satisfies StatusInput;
({ ranges: [{ anchor: 1, head: 2 }], activeRange: null }) satisfies SelectionInput;

// Only fields decay.
typing.decays.typing satisfies number | undefined;
// @ts-expect-error no field of a typing
typing.decays.label;
