/** What compiles and what does not; the compiler is the judge, by `npm run check`. */

import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expectTypeOf, test } from "vitest";
import { cursor, selection, status, typing } from "../../generated/index.js";
import type { Cursor, CursorInput, Status as StatusValue } from "../../generated/index.js";
import { World } from "../tests/fakes.js";
import type { Ack, LeaveReason, Member, TopicHandle, User, UserId, View } from "./index.js";

const client = new World().client();
const board = client.topic(cursor, { board: "42" });
const ann = { x: 1, y: 2, label: "Ann" };
/** Holds what must only compile. */
const never = (_: () => void): void => {};

describe("topics", () => {
  test("have the parameters of their pattern", () => {
    expectTypeOf(board).toEqualTypeOf<TopicHandle<typeof cursor>>();
    never(() => client.topic(cursor, { board: 42 }));
    // @ts-expect-error a missing parameter
    never(() => client.topic(cursor, {}));
    // @ts-expect-error no parameters at all
    never(() => client.topic(cursor));
    // @ts-expect-error a misspelt parameter
    never(() => client.topic(cursor, { bord: "42" }));
    // @ts-expect-error a parameter too many
    never(() => client.topic(cursor, { board: "42", room: "1" }));
    // @ts-expect-error a parameter of another type
    never(() => client.topic(cursor, { board: null }));
    // @ts-expect-error not a topic type
    never(() => client.topic("boards:42:cursors"));
    const lobby = { ...typing, pattern: "lobby" } as const;
    never(() => client.topic(lobby));
    // @ts-expect-error a parameter that the pattern does not have
    never(() => client.topic(lobby, { room: "1" }));
  });
});

describe("values", () => {
  test("are sent as input", () => {
    expectTypeOf(board.heartbeat).parameter(0).toEqualTypeOf<CursorInput | undefined>();
    expectTypeOf(board.heartbeat).returns.toEqualTypeOf<Promise<Ack>>();
    never(() => board.heartbeat({ ...ann, tool: "pen" }));
    // @ts-expect-error a wrong field
    never(() => board.heartbeat({ ...ann, colour: "red" }));
    // @ts-expect-error a missing field
    never(() => board.heartbeat({ x: 1, y: 2 }));
    // @ts-expect-error a field of another type
    never(() => board.heartbeat({ ...ann, x: "1" }));
    // @ts-expect-error not one of the variants
    never(() => board.heartbeat({ ...ann, tool: "hammer" }));
  });

  test("are patched by some of their fields", () => {
    expectTypeOf(board.update).parameter(0).toEqualTypeOf<Partial<CursorInput>>();
    never(() => board.update({ x: 3 }));
    // @ts-expect-error a wrong field
    never(() => board.update({ z: 3 }));
    // @ts-expect-error a field of another type
    never(() => board.update({ x: null }));
    never(() => client.topic(status, { room: 1 }).update({ availability: { state: "available" } }));
    // @ts-expect-error a variant's field of another type
    never(() => client.topic(status, { room: 1 }).update({ availability: { state: "busy", minutes: "1" } }));
    never(() => client.topic(selection, { document: "a" }).update({ activeRange: null }));
  });
});

describe("ids", () => {
  const ann = board.value().self;
  const sameUser = (_: UserId): void => {};

  test("of users and members are kept apart", () => {
    never(() => void (ann && sameUser(ann.user)));
    never(() => sameUser("ann"));
    // @ts-expect-error a member is no user
    never(() => void (ann && sameUser(ann.member)));
  });
});

describe("schemas", () => {
  test("are Standard Schemas of what may be sent", () => {
    const standard = cursor.schema satisfies StandardSchemaV1<CursorInput, CursorInput>;
    expectTypeOf<StandardSchemaV1.InferOutput<typeof standard>>().toEqualTypeOf<CursorInput>();
  });
});

describe("views", () => {
  test("have whole values", () => {
    const view = board.value();
    expectTypeOf(view).toEqualTypeOf<View<Cursor>>();
    expectTypeOf(view.self).toEqualTypeOf<Member<Cursor> | null>();
    expectTypeOf(view.users).toEqualTypeOf<readonly User<Cursor>[]>();
    expectTypeOf(client.topic(status, { room: 1 }).value().others).toEqualTypeOf<
      readonly Member<StatusValue>[]
    >();
  });

  test("cannot be changed", () => {
    const view = board.value();
    // @ts-expect-error a list is only read
    never(() => view.others.push());
    // @ts-expect-error a member is only read
    never(() => void (view.self && (view.self.user = "eve")));
  });

  test("come to handlers", () => {
    expectTypeOf(board.onChange).parameter(0).parameter(0).toEqualTypeOf<View<Cursor>>();
    expectTypeOf(board.onJoin).parameter(0).parameter(0).toEqualTypeOf<Member<Cursor>>();
    expectTypeOf(board.onUpdate).parameter(0).parameter(1).toEqualTypeOf<Member<Cursor>>();
    expectTypeOf(board.onLeave).parameter(0).parameter(1).toEqualTypeOf<LeaveReason>();
    expectTypeOf(board.onChange).returns.toEqualTypeOf<() => void>();
  });
});
