/** What hooks and composables know of a type from its descriptor; the compiler is the judge, by `npm run check`. */

import { expectTypeOf, test } from "vitest";
import { ref } from "vue";
import type { Ref } from "vue";
import { cursor, selection, typing } from "../../../generated/index.js";
import type { Cursor, CursorInput } from "../../../generated/index.js";
import type { Activity, LeaveReason, Member, Status, User, View } from "../../src/index.js";
import * as react from "../../src/react/index.js";
import type { Presence, TopicStatus } from "../../src/react/index.js";
import * as vue from "../../src/vue/index.js";

/** Holds what must only compile. */
const never = (_: () => void): void => {};
const where = { board: "42" };
const ann = { x: 1, y: 2, label: "Ann" };
declare const board: Presence<typeof cursor>;
const lobby = { ...typing, pattern: "lobby" } as const;

test("being in a topic has its parameters, its input and its value", () => {
  never(() => {
    expectTypeOf(react.usePresence(cursor, where, ann)).toEqualTypeOf<Presence<typeof cursor>>();
    expectTypeOf(board.update).parameter(0).toEqualTypeOf<Partial<CursorInput>>();
    expectTypeOf(board.heartbeat).parameter(0).toEqualTypeOf<CursorInput | undefined>();
    expectTypeOf(board.value()).toEqualTypeOf<View<Cursor>>();
    expectTypeOf(board.only("following")).toEqualTypeOf<Presence<typeof cursor>>();
    react.usePresence(lobby, {});
    // @ts-expect-error a missing parameter
    react.usePresence(cursor, {});
    // @ts-expect-error a misspelt parameter
    react.usePresence(cursor, { bord: "42" });
    // @ts-expect-error no first value of this type
    react.usePresence(cursor, where, { x: 1 });
    // @ts-expect-error a field of another type
    board.update({ x: "1" });
    // @ts-expect-error not a topic type
    react.useOthers("boards:42:cursors");
  });
});

test("hooks give parts of a view, or what a selector makes of them", () => {
  never(() => {
    expectTypeOf(react.useSelf(board)).toEqualTypeOf<Member<Cursor> | null>();
    expectTypeOf(react.useOthers(board)).toEqualTypeOf<readonly Member<Cursor>[]>();
    expectTypeOf(react.useOthers(cursor, where)).toEqualTypeOf<readonly Member<Cursor>[]>();
    expectTypeOf(react.useMembers(board)).toEqualTypeOf<readonly Member<Cursor>[]>();
    expectTypeOf(react.useUsers(board)).toEqualTypeOf<readonly User<Cursor>[]>();
    expectTypeOf(react.useOthers(board, (others) => others.length)).toEqualTypeOf<number>();
    expectTypeOf(react.useOthers(cursor, where, (others) => others.map(({ value }) => value.label))).toEqualTypeOf<string[]>();
    expectTypeOf(react.useSelf(board, (self) => self?.value.x, (a, b) => a === b)).toEqualTypeOf<number | undefined>();
    expectTypeOf(react.useStatus()).toEqualTypeOf<Status>();
    expectTypeOf(react.useStatus(board)).toEqualTypeOf<TopicStatus>();
    expectTypeOf(react.useActivity(cursor, where, "bo")).toEqualTypeOf<Activity | null>();
    expectTypeOf(react.useTyping(board)).toEqualTypeOf<string>();
    react.useOnJoin(board, (member) => expectTypeOf(member).toEqualTypeOf<Member<Cursor>>());
    react.useOnLeave(cursor, where, (_, reason) => expectTypeOf(reason).toEqualTypeOf<LeaveReason>());
    // @ts-expect-error a field that no value has
    react.useOthers(board, (others) => others.map(({ value }) => value.z));
    // @ts-expect-error a type without a field `typing` says when somebody is
    react.useTyping(selection, { document: "7" });
  });
});

test("composables take refs and getters, and give refs of the same", () => {
  never(() => {
    expectTypeOf(vue.usePresence(cursor, () => where, ref(ann))).toEqualTypeOf<Presence<typeof cursor>>();
    expectTypeOf(vue.useSelf(cursor, ref(where))).toEqualTypeOf<Readonly<Ref<Member<Cursor> | null>>>();
    expectTypeOf(vue.useOthers(board, (others) => others.length)).toEqualTypeOf<Readonly<Ref<number>>>();
    expectTypeOf(vue.useUsers(board)).toEqualTypeOf<Readonly<Ref<readonly User<Cursor>[]>>>();
    expectTypeOf(vue.useStatus(board)).toEqualTypeOf<Readonly<Ref<TopicStatus>>>();
    expectTypeOf(vue.useActivity(board, () => "bo")).toEqualTypeOf<Readonly<Ref<Activity | null>>>();
    expectTypeOf(vue.useTyping(board)).toEqualTypeOf<Readonly<Ref<string>>>();
    vue.useOnUpdate(board, (member, before) => expectTypeOf(member).toEqualTypeOf(before));
    // @ts-expect-error a misspelt parameter
    vue.useOthers(cursor, () => ({ bord: "42" }));
    // @ts-expect-error what a ref gives is not set by who reads it
    vue.useOthers(board).value = [];
  });
});

test("both have the same names", () => {
  const names = (it: object) => Object.keys(it).filter((name) => name.startsWith("use") || name === "PresenceProvider").sort();
  expectTypeOf<keyof typeof react>().toExtend<keyof typeof vue>();
  if (String(names(react)) !== String(names(vue))) throw new Error(`react has ${names(react)}, vue ${names(vue)}`);
});
