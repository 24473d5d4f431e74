// @vitest-environment happy-dom
/** Being in a topic by Vue: once, as long as any component wants it, and nobody sees how components come and go. */

import { defineComponent, effectScope, h, ref } from "vue";
import { expect, test } from "vitest";
import { cursor } from "../../../generated/index.js";
import { PresenceError } from "../../src/index.js";
import { usePresence, useSelf } from "../../src/vue/index.js";
import type { Presence } from "../../src/vue/index.js";
import { ann } from "../store/house.js";
import { page } from "./mount.js";

const TOPIC = "boards:42:cursors";

const Here = defineComponent({
  props: { board: { type: String, default: "42" }, label: { type: String, default: "Ann" } },
  setup(props) {
    const presence = usePresence(cursor, () => ({ board: props.board }), () => ({ ...ann, label: props.label }));
    const label = useSelf(presence, (self) => self?.value.label);
    return () => h("p", label.value);
  },
});

test("is announced once by two components, and ends with the last", async () => {
  const { show, said, heard, advance, server, element } = page();
  await show(() => h("div", [h(Here, { key: "a" }), h(Here, { key: "b", label: "Second" })]));
  expect(element.textContent).toBe("AnnAnn");
  expect(said("heartbeat")).toMatchObject([{ topic: TOPIC, value: ann }]);
  await show(() => h("div", [h(Here, { key: "b" })]));
  await advance(1_000);
  expect(said("leave")).toEqual([]);
  expect(server.members(TOPIC)).toHaveLength(1);
  await show(() => null);
  await advance(1_000);
  expect(said("heartbeat")).toHaveLength(1);
  expect(heard).toEqual([`ann joins ${TOPIC}`, `ann leaves ${TOPIC}: left`]);
});

test("goes on where a component is mounted anew", async () => {
  const { show, said, advance, heard } = page();
  for (const key of ["a", "b", "c"]) await show(() => h(Here, { key }));
  await advance(1_000);
  expect(said("leave")).toEqual([]);
  expect(said("heartbeat")).toHaveLength(1);
  expect(heard).toEqual([`ann joins ${TOPIC}`]);
});

test("moves where the parameters are others, given by a getter or a ref", async () => {
  const { show, heard, advance, server, after } = page(["1", "2"]);
  await show(() => h(Here, { board: "1" }));
  await show(() => h(Here, { board: "2", label: "Two" }));
  await advance(1_000);
  expect(heard).toEqual(["ann joins boards:1:cursors", "ann joins boards:2:cursors", "ann leaves boards:1:cursors: left"]);
  expect(server.members("boards:2:cursors")).toMatchObject([{ value: { label: "Two" } }]);

  const where = ref({ board: "1" });
  let board: Presence<typeof cursor> | undefined;
  const ByRef = defineComponent(() => {
    board = usePresence(cursor, where, ann);
    return () => null;
  });
  await show(() => h(ByRef));
  const { update } = board ?? expect.unreachable();
  where.value = { board: "2" };
  await after(() => {});
  await after(() => update({ label: "Moved" }));
  expect(board?.name).toBe("boards:2:cursors");
  await advance(1_000);
  expect(server.members("boards:1:cursors")).toEqual([]);
  expect(server.members("boards:2:cursors")).toMatchObject([{ value: { label: "Moved" } }]);
});

test("leaves at once where it is said, and a first value that changes does not bring it back", async () => {
  const { show, after, server, element } = page();
  let board: Presence<typeof cursor> | undefined;
  const initial = ref<typeof ann | undefined>();
  const Board = defineComponent(() => {
    board = usePresence(cursor, { board: "42" }, initial);
    const self = useSelf(board);
    return () => self.value?.value.label ?? "nobody";
  });
  await show(() => h(Board));
  expect(server.members(TOPIC)).toEqual([]);
  initial.value = ann;
  await after(() => {});
  expect(server.members(TOPIC)).toHaveLength(1);
  await after(() => board?.leave());
  expect(element.textContent).toBe("nobody");
  initial.value = { ...ann, x: 9 };
  await after(() => {});
  expect(server.members(TOPIC)).toEqual([]);
});

test("a scope without a component has it as long as it lasts", async () => {
  const { server, said, heard, advance, after, client } = page();
  const { createApp } = await import("vue");
  const { presenceKey } = await import("../../src/vue/index.js");
  const app = createApp({ render: () => null });
  app.provide(presenceKey, client);
  const scope = effectScope();
  const label = app.runWithContext(() => scope.run(() => useSelf(usePresence(cursor, { board: "42" }, ann), (it) => it?.value.label)));
  await after(() => {});
  expect(label?.value).toBe("Ann");
  expect(server.members(TOPIC)).toHaveLength(1);
  scope.stop();
  await advance(1_000);
  expect(said("leave")).toHaveLength(1);
  expect(heard).toEqual([`ann joins ${TOPIC}`, `ann leaves ${TOPIC}: left`]);
});

test("mistakes of the programmer reach the application's handler of errors", async () => {
  const { show, errors } = page();
  await show(() => h(Here, { board: "a b" }));
  await show(() => h(Here, { label: "far too long to be read beside a pointer" }));
  // Vue goes on without the component, whose render fails then.
  expect(errors.filter((it) => it instanceof PresenceError).map(({ code }) => code)).toEqual(["invalid_topic", "invalid_value"]);
});
