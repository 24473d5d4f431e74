// @vitest-environment happy-dom
/** What the README shows for Vue: it compiles, and does what is said there. */

import { Suspense, h } from "vue";
import type { Component } from "vue";
import { compileScript, parse } from "vue/compiler-sfc";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { typing } from "../../../generated/index.js";
import { bo } from "../store/house.js";
import { snippets } from "../snippets.js";
import { page } from "./mount.js";

const shown = snippets("vue", "ts", (code) => {
  const { descriptor, errors } = parse(code);
  expect(errors).toEqual([]);
  return compileScript(descriptor, { id: "snippet", inlineTemplate: true }).content;
});
const components: Component[] = [];

beforeAll(async () => {
  for (const file of shown.files) components.push((await import(/* @vite-ignore */ file)).default);
});
afterAll(() => shown.remove());

test("the snippets compile", () => {
  expect(shown.files).toHaveLength(7);
  // What is made of a template leaves the types of its own machinery to be inferred, and arguments unused.
  const complaints = shown.check().split("\n").filter((it) => it !== "" && !/TS7006|TS7031|TS6133: '\$event'|'withAsyncContext'/.test(it));
  expect(complaints).toEqual([]);
}, 60_000);

test("a client is for what is inside of its provider", async () => {
  const { show, element } = page();
  const [App] = components;
  await show(() => h(App ?? expect.unreachable(), () => h("p", "inside")));
  expect(element.textContent).toBe("inside");
});

test("a board is announced and moved on, others are painted, counted and chosen", async () => {
  const { show, after, element, board, server } = page();
  const [, Board, Count] = components;
  await after(() => board.heartbeat({ ...bo, tool: "pen" }));
  await show(() => h("div", [h(Board ?? expect.unreachable()), h(Count ?? expect.unreachable())]));
  expect(server.members(board)).toMatchObject([{ user: "bo" }, { user: "ann", value: { x: 0, label: "Ann" } }]);
  expect(element.textContent?.trim()).toBe("BoAnn: 2 here, 0 with a pointer");
  await after(() => element.querySelector("button")?.click());
  expect(element.textContent).toContain("2 here, 1 with a pen");
  const move = new PointerEvent("pointermove", { clientX: 7, clientY: 8, bubbles: true });
  await after(() => element.querySelector("main")?.dispatchEvent(move));
  expect(board.value().others).toMatchObject([{ value: { x: 7, y: 8 } }]);
});

test("members are counted and named, and a client is closed", async () => {
  const { show, after, element, board, client } = page();
  const [, , , Total] = components;
  await after(() => board.heartbeat(bo));
  await show(() => h(Total ?? expect.unreachable()));
  expect(element.textContent).toContain("1 in 1 tabs: Bo");
  await after(() => element.querySelector("button")?.click());
  expect(client.status.state).toBe("closed");
  expect(element.querySelector("button")).toBeNull();
});

test("typing, activity, following, and who comes and goes", async () => {
  const { show, after, element, board, other } = page();
  const [, , , , Chat, Follow] = components;
  const scrollTo = vi.spyOn(globalThis, "scrollTo").mockImplementation(() => {});
  await show(() => h("div", [h(Chat ?? expect.unreachable()), h(Follow ?? expect.unreachable())]));
  await after(() => Promise.all([other.topic(typing, { chat: "7" }).heartbeat({ typing: true }), board.heartbeat(bo)]));
  expect(element.textContent).toContain("bo is typing active");
  expect(element.textContent).toContain("Bo is here");
  await after(() => element.querySelector("button")?.click());
  expect(element.textContent).toContain("Unfollow");
  expect(board.value().followers).toEqual(["ann"]);
  scrollTo.mockClear();
  await after(() => board.update({ x: 50 }));
  expect(scrollTo.mock.calls).toEqual([[50, bo.y]]);
  await after(() => board.leave());
  expect(element.textContent).toContain("Bo is gone: left");
  scrollTo.mockRestore();
});

test("a room waits in a Suspense until it is known", async () => {
  const { show, after, advance, element, board, server } = page();
  const [, , , , , , Company] = components;
  await after(() => board.heartbeat(bo));
  server.stop();
  await show(() => h(Suspense, null, { default: () => h(Company ?? expect.unreachable()), fallback: () => "Who is here?" }));
  expect(element.textContent).toBe("Who is here?");
  server.start();
  await advance(10_000);
  expect(element.textContent).toBe("with 1 more");
});
