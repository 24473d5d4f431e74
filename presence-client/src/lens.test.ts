/** Whom a client looks at, and what the server is asked for; the test is the server. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { typing } from "../../generated/index.js";
import { ann, boardOf, changes, mine, run, shown, snapshot, TOPIC, watching } from "../tests/board.js";
import { ME, World, entry } from "../tests/fakes.js";
import { union } from "./lens.js";
import type { View } from "./view.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const filters = (world: World) => world.socket.all("subscribe").map((it) => it.filter ?? "everybody");

describe("what the server is asked for", () => {
  test.each([
    [[], undefined],
    [["count"], "count"],
    [["following", "following"], "following"],
    [["following", "everybody"], "everybody"],
    [["count", "following"], "everybody"],
    [[{ users: ["ann"] }, "following"], "everybody"],
    [[{ users: ["bob", "ann"] }, { users: ["ann", "cid"] }], { users: ["ann", "bob", "cid"] }],
    [[{ users: ["ann"] }, "count"], "everybody"],
    [[{ users: Array.from({ length: 129 }, (_, i) => `u${i}`) }, { users: ["x"] }], "everybody"],
  ] as const)("%j is %j", (wanted, asked) => {
    expect(union(wanted)).toEqual(asked);
  });

  test("is no more than somebody looks at, and follows who looks", async () => {
    const world = new World();
    const board = boardOf(world.client());
    const stop = board.onCount(() => {});
    await run();
    const count = board.only({ users: ["bob"] }).onChange(() => {});
    await run();
    const everybody = board.onChange(() => {});
    await run();
    everybody();
    await run();
    count();
    await run();
    expect(filters(world)).toEqual(["count", "everybody", "count"]);
    stop();
    await run();
    expect(world.socket.all("unsubscribe").length).toBe(1);
  });

  test("another filter starts anew; the same one goes on", async () => {
    const world = new World();
    const board = boardOf(world.client());
    const stop = board.only("following").onChange(() => {});
    await run();
    world.socket.say(snapshot([entry("bob", shown)], "e.4"));
    stop();
    await run();
    board.only("following").onChange(() => {});
    board.onChange(() => {});
    await run();
    const asked = world.socket.all("subscribe").map(({ filter, since }) => [filter, since]);
    expect(asked).toEqual([
      ["following", undefined],
      ["following", "e.4"],
      [undefined, undefined],
    ]);
  });
});

test("what nobody looks at for a minute is forgotten, and known anew when somebody does", async () => {
  const world = new World();
  const board = boardOf(world.client());
  const stop = board.onChange(() => {});
  await run();
  world.socket.say(snapshot([entry("bob", shown)], "e.4"));
  await run();
  const some = board.only({ users: ["bob"] });
  stop();
  await run(59_000);
  expect(board.value()).toMatchObject({ status: "stale", others: [{ user: "bob" }] });
  expect(some.value().others.length).toBe(1);
  await run(1_000);
  expect([board, some].map((it) => it.value().others)).toEqual([[], []]);
  board.onChange(() => {});
  await run();
  expect(world.socket.all("subscribe").at(-1)).not.toHaveProperty("since");
});

describe("some users", () => {
  test("are seen alone, with what happens to them alone, whatever else is told", async () => {
    const { world, board, log } = await watching();
    const some = board.only({ users: ["bob", "dan"] });
    const happened: string[] = [];
    some.onJoin((it) => happened.push(`join ${it.user}`));
    some.onLeave((it) => happened.push(`leave ${it.user}`));
    some.onUpdate((it) => happened.push(`update ${it.user}`));
    expect(some.value().others.map((it) => it.user)).toEqual(["bob"]);
    world.socket.say(
      changes({
        left: [{ member: "bob.session", reason: "left" }],
        joined: [entry("dan", shown), entry("eve", shown)],
        updated: [{ member: "cid.session", value: { ...shown, x: 7 } }],
      }),
    );
    await run();
    expect(happened).toEqual(["leave bob", "join dan"]);
    expect(log.slice(2)).toEqual(["leave bob left", "join dan", "join eve", "update cid 6→7"]);
    expect(board.value().others.length).toBe(3);
  });

  test("do not change when others do", async () => {
    const { world, board } = await watching();
    const some = board.only({ users: ["bob"] });
    const views: View[] = [];
    some.onChange((view) => views.push(view));
    await run();
    views.length = 0;
    const before = some.value().others;
    world.socket.say(changes({ updated: [{ member: "cid.session", value: { ...shown, x: 7 } }] }));
    await run();
    expect(views.every(({ others }) => others === before)).toBe(true);
    expect(some.value().others).toBe(before);
    expect(board.member("cid.session")?.value.x).toBe(7);
    expect(board.user("bob")?.members.map((it) => it.value.x)).toEqual([5]);
    expect(board.member("zoe.session") ?? board.user("zoe")).toBeUndefined();
  });
});

describe("following", () => {
  test("is said to the server, kept for the next connection, and shows whom one follows", async () => {
    const { world, board } = await watching();
    board.heartbeat(ann);
    await run();
    const followed = board.only("following");
    const happened: string[] = [];
    followed.onJoin((it) => happened.push(`join ${it.user}`));
    followed.onLeave((it) => happened.push(`leave ${it.user}`));
    board.follow("bob");
    board.follow("bob");
    await run();
    expect(world.socket.all("follow")).toMatchObject([{ topic: TOPIC, users: ["bob"] }]);
    expect(followed.value().others.map((it) => it.user)).toEqual(["bob"]);
    expect(board.value().following).toEqual(["bob"]);
    board.follow("cid");
    board.unfollow("bob");
    await run();
    expect(happened).toEqual(["join bob", "join cid", "leave bob"]);
    world.socket.end(1006);
    await run(500);
    expect(world.socket.all("heartbeat")).toMatchObject([{ following: ["cid"] }]);
    board.unfollow();
    await run();
    expect(world.socket.all("follow")).toMatchObject([{ users: [] }]);
    expect(board.value().following).toEqual([]);
  });

  test("before one is present goes with the announcement", async () => {
    const world = new World();
    const board = boardOf(world.client());
    board.follow("bob");
    board.heartbeat(ann);
    await run();
    expect(world.socket.all("follow")).toEqual([]);
    expect(world.socket.all("heartbeat")).toMatchObject([{ following: ["bob"] }]);
  });

  test("shows by whom one is followed, each user once", async () => {
    const { world, board } = await watching();
    board.heartbeat(ann);
    await run();
    const { followers } = board.value();
    const tabs = [1, 2].map((tab) => entry("dan", shown, { member: `dan.${tab}`, following: ["me"] }));
    world.socket.say(changes({ joined: [...tabs, mine(shown)] }));
    await run();
    expect(board.value().followers).toEqual(["dan"]);
    world.socket.say(changes({ updated: tabs.map(({ member }) => ({ member, following: [] })) }));
    await run();
    expect(board.value().followers).toEqual(followers);
  });
});

describe("numbers", () => {
  test("are the server's where nobody is told of by name", async () => {
    const world = new World();
    const board = boardOf(world.client());
    const counts: unknown[] = [];
    board.onCount((it) => counts.push(it));
    await run();
    world.socket.say({ ...snapshot([]), counts: { members: 10_000, users: 9_000 } });
    await run();
    world.socket.say({ ...changes({}), counts: { members: 10_000, users: 9_000 } });
    await run();
    expect(counts.at(-1)).toEqual({ members: 10_000, users: 9_000 });
    const { length } = counts;
    expect(board.value()).toMatchObject({ status: "live", others: [], counts: { members: 10_000 } });
    world.socket.say({ ...changes({}), counts: { members: 9_999, users: 9_000 } });
    await run();
    expect(counts.slice(length)).toEqual([{ members: 9_999, users: 9_000 }]);
  });

  test("are those of who is seen where everybody is, and not told again while they are the same", async () => {
    const { world, board } = await watching();
    const counts: unknown[] = [];
    board.onCount((it) => counts.push(it));
    await run();
    world.socket.say(changes({ updated: [{ member: "bob.session", value: { ...shown, x: 9 } }] }));
    await run();
    world.socket.say(changes({ joined: [entry("bob", shown, { member: "bob.2" })] }));
    await run();
    expect(counts).toEqual([
      { members: 2, users: 2 },
      { members: 3, users: 2 },
    ]);
  });
});

describe("all topics of a client", () => {
  test("are listened to, those that come later too", async () => {
    const world = new World();
    const client = world.client();
    boardOf(client);
    const told: string[] = [];
    const stop = client.onChange((topic, view) => told.push(`${topic} ${view.members.length}`));
    client.topic(typing, { chat: "c" });
    await run();
    expect(world.socket.all("subscribe").map((it) => it.topic)).toEqual([TOPIC, "chats:c:typing"]);
    world.socket.say(snapshot([entry("bob", shown)]));
    await run();
    expect(told.at(-1)).toBe(`${TOPIC} 1`);
    stop();
    const { length } = told;
    world.socket.say(snapshot([]));
    await run();
    expect(told.length).toBe(length);
    expect(world.socket.all("unsubscribe").length).toBe(2);
  });

  test("say where each user is, and how many there are", async () => {
    const world = new World();
    const client = world.client();
    client.onChange(() => {});
    boardOf(client);
    client.topic(typing, { chat: "c" });
    await run();
    const value = { typing: false, reply_to: null };
    world.socket.say(snapshot([entry("bob", shown), entry("bob", shown, { member: "bob.2" }), entry("cid", shown)]));
    world.socket.say({ ...snapshot([entry("bob", value)]), topic: "chats:c:typing" });
    await run();
    expect([...client.users()]).toEqual([
      ["bob", [TOPIC, "chats:c:typing"]],
      ["cid", [TOPIC]],
    ]);
    expect(client.users().size).toBe(2);
  });
});

describe("as a store", () => {
  test("it calls at once and whenever the snapshot is another, which it is only then", async () => {
    const { world, board } = await watching();
    const { subscribe, getSnapshot } = board;
    const seen: View[] = [];
    const stop = subscribe((view) => seen.push(view));
    expect(seen).toEqual([getSnapshot()]);
    await run();
    const before = getSnapshot();
    expect(getSnapshot()).toBe(before);
    world.socket.say(changes({ joined: [entry("dan", shown)] }));
    await run();
    expect(seen.at(-1)).toBe(getSnapshot());
    expect(getSnapshot()).not.toBe(before);
    expect(getSnapshot().others[0]).toBe(before.others[0]);
    stop();
    world.socket.say(changes({ joined: [entry("eve", shown)] }));
    await run();
    expect(seen.at(-1)?.others.length).toBe(3);
  });
});

test("names that objects have are names like others", async () => {
  const { world, client, board } = await watching();
  const odd = ["__proto__", "constructor", "toString"].map((user) => entry(user, shown, { following: ["__proto__"] }));
  world.socket.say(changes({ joined: odd }));
  await run();
  expect(board.value().users.map((it) => it.user)).toEqual(["bob", "cid", "__proto__", "constructor", "toString"]);
  expect(board.user("__proto__")?.members[0]?.member).toBe("__proto__.session");
  expect(client.users().get("constructor")).toEqual([TOPIC]);
  board.follow("__proto__");
  expect(board.only("following").value().others.map((it) => it.user)).toEqual(["__proto__"]);
  const chat = client.topic(typing, { chat: "__proto__" });
  expect([chat.name, ME]).toEqual(["chats:__proto__:typing", "me.k3xk3xk3xk3xk3xk"]);
});
