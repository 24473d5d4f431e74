// @vitest-environment happy-dom
/** CollabKit's examples. */

import type { TopicHandle, UserId } from "presence-client";
import { beforeEach, describe, expect, test } from "vitest";
import { pointer } from "../generated/index.js";
import { liveCursors } from "../src/collabkit/cursors.js";
import { follow } from "../src/collabkit/follow.js";
import { ownState, stateOf, states } from "../src/collabkit/states.js";
import { sync } from "../src/collabkit/sync.js";
import { share } from "../src/collabkit/update.js";
import { SOON_MS, house } from "./house.js";

const at = (x: number) => ({ cursor: { x, y: 0 } });

/** People in a room, all of whom look on. */
async function room(...users: string[]) {
  const home = house();
  const rooms = users.map((user) => home.enter(user).topic(pointer, { room: "lobby" }));
  for (const it of rooms) it.onChange(() => {});
  await home.server.settle();
  return { ...home, rooms: rooms as readonly TopicHandle<typeof pointer>[] as readonly [TopicHandle<typeof pointer>, TopicHandle<typeof pointer>, TopicHandle<typeof pointer>] };
}

let page = new AbortController();
beforeEach(() => {
  page.abort();
  page = new AbortController();
  document.body.replaceChildren();
});

const move = (x: number) => document.dispatchEvent(new MouseEvent("mousemove", { clientX: x, clientY: 0 }));

describe("showing where one is", () => {
  test("a hundred moves at once are two messages, and the last one counts", async () => {
    const { server, rooms: [ann, bo] } = await room("ann", "bo");
    const seen: (number | undefined)[] = [];
    bo.onUpdate(({ value }) => seen.push(value.cursor?.x));
    share(ann, page.signal);
    await server.advance(SOON_MS);
    for (let x = 1; x <= 100; x += 1) move(x);
    await server.advance(SOON_MS);
    expect(seen).toEqual([1, 100]);
  });

  test("typing leaves the pointer where it is, and ends by itself", async () => {
    const { server, rooms: [ann, bo] } = await room("ann", "bo");
    const input = document.body.appendChild(document.createElement("input"));
    share(ann, page.signal);
    move(7);
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "a" }));
    await server.advance(SOON_MS);
    const said = () => bo.value().others[0]?.value;
    expect(said()).toMatchObject({ ...at(7), typing: true });
    await server.advance(3_000);
    expect(said()).toMatchObject({ ...at(7), typing: false, screen: { width: innerWidth, height: innerHeight } });
  });
});

describe("what others say", () => {
  test("is told of everybody but oneself, and their going too", async () => {
    const { server, rooms: [ann, bo] } = await room("ann", "bo");
    const log: string[] = [];
    sync(ann, ({ user, value }) => log.push(`${user} ${value.cursor?.x}`), ({ user }) => log.push(`${user} gone`));
    ann.heartbeat(at(0));
    bo.heartbeat(at(1));
    await server.advance(SOON_MS);
    bo.update(at(2));
    await server.advance(SOON_MS);
    await bo.leave();
    await server.advance(SOON_MS);
    expect(log).toEqual(["bo 1", "bo 2", "bo gone"]);
  });

  test("is told of some, and each subscription ends alone", async () => {
    const { server, rooms: [ann, bo, cid] } = await room("ann", "bo", "cid");
    const log: string[] = [];
    const none = () => {};
    const stopOne = sync(ann.only({ users: ["bo" as UserId] }), ({ user }) => log.push(`bo's: ${user}`), none);
    sync(ann.only("following"), ({ user }) => log.push(`followed: ${user}`), none);
    ann.follow("cid" as UserId);
    bo.heartbeat(at(1));
    cid.heartbeat(at(1));
    await server.advance(SOON_MS);
    expect(log.splice(0).sort()).toEqual(["bo's: bo", "followed: cid"]);
    stopOne();
    bo.update(at(2));
    cid.update(at(2));
    await server.advance(SOON_MS);
    expect(log).toEqual(["followed: cid"]);
  });

  test("can be asked for at any time, and two tabs of a user are two members", async () => {
    const { server, enter, rooms: [ann, bo] } = await room("ann", "bo");
    ann.heartbeat(at(0));
    bo.heartbeat(at(1));
    const tab = enter("bo").topic(pointer, { room: "lobby" });
    tab.heartbeat(at(2));
    await server.advance(SOON_MS);
    expect(states(ann).map(([user, { cursor }]) => `${user} ${cursor?.x}`)).toEqual(["ann 0", "bo 1", "bo 2"]);
    expect([ownState(ann)?.cursor?.x, stateOf(ann, "bo" as UserId)?.cursor?.x]).toEqual([0, 1]);
    await bo.leave();
    await server.advance(SOON_MS);
    expect(stateOf(ann, "bo" as UserId)?.cursor?.x).toBe(2);
  });
});

describe("cursors", () => {
  test("are marks that come, move and go with whom they belong to", async () => {
    const { server, enter, rooms: [ann, bo] } = await room("ann", "bo");
    liveCursors(ann, document.body, page.signal);
    const marks = () => [...document.querySelectorAll<HTMLElement>(".remote-cursor")].map((it) => it.style.transform);
    move(5);
    bo.heartbeat(at(1));
    const tab = enter("bo");
    tab.topic(pointer, { room: "lobby" }).heartbeat(at(2));
    await server.advance(SOON_MS);
    expect(marks()).toEqual(["translate(1px, 0px)", "translate(2px, 0px)"]);
    expect(bo.value().others.find(({ user }) => user === "ann")?.value.cursor?.x).toBe(5);
    const [first] = document.querySelectorAll(".remote-cursor");
    bo.update(at(9));
    await server.advance(SOON_MS);
    expect(marks()).toEqual(["translate(9px, 0px)", "translate(2px, 0px)"]);
    expect(document.querySelector(".remote-cursor")).toBe(first);
    // A tab that dies without a word takes its mark along.
    server.drop(tab);
    await server.advance(60_000);
    expect(marks()).toEqual(["translate(9px, 0px)"]);
    await bo.leave();
    await server.advance(SOON_MS);
    expect(marks()).toEqual([]);
  });
});

describe("following", () => {
  test("shows one's pointer, as long as there is one and it is followed", async () => {
    const { server, rooms: [ann, bo, cid] } = await room("ann", "bo", "cid");
    const mark = document.body.appendChild(document.createElement("div"));
    ann.heartbeat({});
    cid.heartbeat(at(3));
    const stop = follow(ann, "bo" as UserId, mark);
    await server.advance(SOON_MS);
    expect(mark.hidden).toBe(true);
    bo.heartbeat(at(8));
    await server.advance(SOON_MS);
    expect([mark.hidden, mark.style.left, mark.title]).toEqual([false, "8px", "bo"]);
    expect(bo.value().followers).toEqual(["ann"]);
    await bo.leave();
    await server.advance(SOON_MS);
    expect(mark.hidden).toBe(true);
    bo.heartbeat(at(9));
    await server.advance(SOON_MS);
    expect([mark.hidden, mark.style.left]).toEqual([false, "9px"]);
    stop();
    await server.advance(SOON_MS);
    expect(bo.value().followers).toEqual([]);
  });
});
