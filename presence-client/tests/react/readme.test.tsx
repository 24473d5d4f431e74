// @vitest-environment happy-dom
/** What the README shows for React: it compiles, and does what is said there. */

import { act, version } from "react";
import type { ComponentType } from "react";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { cursor, typing } from "../../../generated/index.js";
import { bo } from "../store/house.js";
import { snippets } from "../snippets.js";
import { page } from "./mount.js";

const shown = snippets("tsx", "tsx");
const components: Record<string, ComponentType> = {};

beforeAll(async () => {
  // The first one paints a whole page, of another server.
  for (const file of shown.files.slice(1)) Object.assign(components, await import(/* @vite-ignore */ file));
});
afterAll(() => shown.remove());

const component = (name: string) => components[name] ?? expect.unreachable(`the README shows no ${name}`);

test.skipIf(version.startsWith("18"))("the snippets compile", () => {
  expect(shown.files).toHaveLength(9);
  expect(shown.check()).toBe("");
}, 60_000);

test("a board is announced, moved on, and left", async () => {
  const { show, after, element, server, board } = page();
  const Board = component("Board");
  await show(<Board />);
  expect(server.members(board)).toMatchObject([{ value: { x: 0, label: "Ann" } }]);
  const move = new PointerEvent("pointermove", { clientX: 7, clientY: 8, bubbles: true });
  document.body.append(element);
  await after(() => element.querySelector("main")?.dispatchEvent(move));
  expect(server.members(board)).toMatchObject([{ value: { x: 7, y: 8 } }]);
  await after(() => element.querySelector("button")?.click());
  expect(server.members(board)).toEqual([]);
  element.remove();
});

test("others are counted and painted, and the state is told", async () => {
  const { show, after, element, board, server } = page();
  const [Count, Cursors, Freshness] = [component("Count"), component("Cursors"), component("Freshness")];
  const [Total, Names] = [component("Total"), component("Names")];
  await after(() => board.heartbeat(bo));
  await show([<Count key="a" />, <Cursors key="b" />, <Freshness key="c" />, <Total key="d" />, <Names key="e" />]);
  expect(element.textContent).toBe("1 hereBolive1 in 1 tabsBo");
  await after(() => server.stop());
  expect(element.textContent).toBe("1 hereBoreconnecting…1 in 1 tabsBo");
});

test("a room waits in a Suspense until it is known", async () => {
  const { show, element, board, after, server } = page();
  const Room = component("Room");
  await after(() => board.heartbeat(bo));
  await after(() => server.stop());
  await show(<Room />);
  expect(element.textContent).toBe("Who is here?");
  await after(() => server.start());
  await after(() => server.advance(5_000));
  expect(element.textContent).toBe("with 1 more");
});

test("a client is closed, and comes back", async () => {
  const { show, after, element, client } = page();
  const Connection = component("Connection");
  await show(<Connection />);
  const press = () => after(() => element.querySelector("button")?.click());
  await press();
  expect([client.status.state, element.textContent]).toEqual(["closed", "Come back"]);
  await press();
  expect([client.status.state, element.textContent]).toEqual(["live", "Leave"]);
});

test("typing, activity, following, and who comes and goes", async () => {
  const { show, after, element, board, other } = page();
  const [Chat, Follow, News] = [component("Chat"), component("Follow"), component("News")];
  const scrollTo = vi.spyOn(globalThis, "scrollTo").mockImplementation(() => {});
  await show([<Chat key="a" />, <Follow key="b" />, <News key="c" />]);
  await after(() => Promise.all([other.topic(typing, { chat: "7" }).heartbeat({ typing: true }), board.heartbeat(bo)]));
  expect(element.textContent).toContain("BO is typing");
  expect(element.textContent).toContain("Bo is here");
  await after(() => element.querySelector<HTMLButtonElement>("li button")?.click());
  expect(board.value().followers).toEqual(["ann"]);
  scrollTo.mockClear();
  await after(() => board.update({ x: 50 }));
  expect(scrollTo.mock.calls).toEqual([[50, bo.y]]);
  await after(() => act(() => board.leave()));
  expect(element.textContent).toContain("Bo is gone: left");
  expect(cursor.pattern).toContain("boards");
  scrollTo.mockRestore();
});
