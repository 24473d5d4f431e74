/** What a client says and shows over HTTP; the test is the server. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cursor, typing } from "../../generated/index.js";
import { entry } from "../tests/fakes.js";
import { HttpWorld, ID } from "../tests/http.js";
import type { LeaveReason, PresenceClient } from "./index.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const TOPIC = "boards:42:cursors";
const ann = { x: 1, y: 2, label: "Ann" };
const shown = { ...ann, tool: "pointer", typing: false };
const run = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const boardOf = (client: PresenceClient) => client.topic(cursor, { board: "42" });
const base = { topic: TOPIC, nowMs: 100, counts: { members: 0, users: 0 } };
const snapshot = (entries: unknown[], at = "e.1") => ({ ...base, type: "snapshot", at, entries });
const changes = (more: object, at = "e.2") => ({ ...base, type: "changes", at, ...more });

async function watching(world = new HttpWorld()) {
  const client = world.client();
  const board = boardOf(client);
  board.onChange(() => {});
  await run();
  world.told?.say(snapshot([entry("bob", shown)]));
  await run();
  return { world, client, board };
}

async function present(world = new HttpWorld()) {
  const client = world.client();
  const board = boardOf(client);
  board.heartbeat(ann);
  await run(50);
  return { world, client, board };
}

describe("the stream", () => {
  test("is one for all topics, and another set of them goes on from where it was", async () => {
    const { world, client, board } = await watching();
    expect(board.value()).toMatchObject({ status: "live", others: [{ user: "bob" }] });
    world.told?.say(changes({ joined: [entry("cid", shown)] }));
    await run();
    const [first] = world.all("/changes");
    client.topic(typing, { chat: "c" }).onChange(() => {});
    await run();
    expect(first?.open).toBe(false);
    expect(world.all("/changes").map((it) => it.body["topics"])).toEqual([
      [{ topic: TOPIC }],
      [{ topic: TOPIC, since: "e.2" }, { topic: "chats:c:typing" }],
    ]);
    expect(board.value().others.length).toBe(2);
  });

  test("that ends after a while is opened again, and nobody notices", async () => {
    const { world, client } = await watching();
    const states: string[] = [];
    client.onStatus(({ state }) => states.push(state));
    await run(6_000);
    world.told?.end();
    await run();
    expect(world.all("/changes").map((it) => it.body["topics"]).at(-1)).toEqual([{ topic: TOPIC, since: "e.1" }]);
    expect(states).toEqual([]);
  });

  test("that ends at once is a connection lost", async () => {
    const { world, client, board } = await watching();
    world.told?.end();
    await run();
    expect(client.status).toMatchObject({ state: "stale", attempt: 1 });
    expect(board.value()).toMatchObject({ status: "stale", others: [{ user: "bob" }] });
    await run(500);
    expect(client.status.state).toBe("syncing");
    world.told?.say(changes({}, "e.1"));
    await run();
    expect(client.status.state).toBe("live");
  });

  test("of a server that goes is not opened again before the time that it asked for", async () => {
    const { world, client } = await watching();
    await run(6_000);
    world.told?.say({ type: "draining", retryAfterMs: 3_000 } as { type: string });
    await run(1_000);
    world.told?.end();
    await run();
    expect(client.status).toMatchObject({ state: "stale", retryAt: performance.now() + 3_500 });
    // Whoever greets a server that goes is told the same.
    const { help } = world;
    world.help = (asked) => asked.refuse({ code: "overloaded", message: "draining" }, 503, { "retry-after": "2" });
    await run(3_500);
    expect(client.status).toMatchObject({ attempt: 2, retryAt: performance.now() + 2_000 + 1_000 });
    world.help = help;
    await run(3_000);
    expect(client.status.state).toBe("syncing");
  });

  test("that is refused for want of room is a connection lost, for as long as the server asks", async () => {
    const world = new HttpWorld();
    world.helpful = false;
    const client = world.client();
    boardOf(client).onChange(() => {});
    await run();
    const states: string[] = [];
    client.onStatus(({ state }) => states.push(state));
    world.last("/changes").refuse({ code: "overloaded", message: "draining" }, 503, { "retry-after": "4" });
    await run();
    expect(client.status).toMatchObject({ error: { code: "overloaded" }, retryAt: performance.now() + 4_000 + 500 });
    expect(states.at(-1)).not.toBe("syncing");
  });

  test("that is silent for long is opened again", async () => {
    const { world } = await watching();
    for (let i = 0; i < 3; i += 1) {
      await run(10_000);
      world.told?.write(": here\n\n");
    }
    expect(world.all("/changes").length).toBe(1);
    await run(40_000);
    expect(world.all("/changes").length).toBeGreaterThan(1);
  });

  test("is told in parts, and half a run is no state", async () => {
    const { world, board } = await watching();
    const { at: _, ...part } = changes({ joined: [entry("cid", shown)] });
    world.told?.say({ ...part, type: "changes" });
    await run();
    expect(board.value().others.length).toBe(1);
    world.told?.say(changes({ joined: [entry("dan", shown)] }));
    await run();
    expect(board.value().others.map((it) => it.user)).toEqual(["bob", "cid", "dan"]);
  });

  test("that is refused for one topic goes on with the others", async () => {
    const world = new HttpWorld();
    world.helpful = false;
    const client = world.client();
    const board = boardOf(client);
    const chat = client.topic(typing, { chat: "c" });
    for (const topic of [board, chat]) topic.onChange(() => {});
    await run();
    const names = () => world.last("/changes").body["topics"];
    expect(names()).toEqual([{ topic: TOPIC }, { topic: chat.name }]);
    const fault = { code: "forbidden", message: "not you" } as const;
    world.last("/changes").refuse(fault, 403);
    await run();
    expect(names()).toEqual([{ topic: TOPIC }]);
    world.last("/changes").stream();
    await run();
    world.last("/changes").refuse(fault, 403);
    await run();
    expect(names()).toEqual([{ topic: TOPIC }]);
    world.last("/changes").stream().say(snapshot([entry("bob", shown)]));
    await run();
    expect(board.value()).toMatchObject({ status: "live", others: [{ user: "bob" }] });
    expect(chat.value()).toMatchObject({ status: "closed", error: { code: "forbidden" } });
    expect(world.reported).toMatchObject([{ code: "forbidden" }]);
  });

  test("shows who one is before one has said anything", async () => {
    const { world, board } = await watching();
    world.told?.say(changes({ joined: [entry("eve", shown, { member: `eve${ID}` })] }));
    await run();
    expect(board.value().self).toBeNull();
    world.told?.say(changes({ left: [{ member: `eve${ID}`, reason: "left" }] }, "e.3"));
    const mine = entry("ann", shown, { member: `ann.${ID}` });
    world.told?.say(changes({ joined: [mine] }));
    await run();
    expect(board.value().self).toMatchObject({ member: `ann.${ID}`, user: "ann" });
    expect(board.value().others.map((it) => it.user)).toEqual(["bob"]);
  });
});

describe("what is said", () => {
  test("goes one after the other, and what is said meanwhile together", async () => {
    const { world, board } = await present();
    world.helpful = false;
    const acks = [2, 3, 4].map((x) => board.update({ x }));
    await run(50);
    board.update({ x: 5 });
    await run(50);
    expect(world.all("heartbeat").length).toBe(2);
    world.help(world.last("heartbeat"));
    await run();
    expect(world.last("heartbeat").body).toMatchObject({ value: { ...ann, x: 5 } });
    world.help(world.last("heartbeat"));
    await run();
    expect(await Promise.all(acks)).toHaveLength(3);
    const order = world.all("heartbeat").map((it) => it.body["n"]);
    expect(order).toEqual([...order].sort());
  });

  test("names its contract once, and hears how it differs", async () => {
    const world = new HttpWorld();
    world.helpful = false;
    const onMismatch = vi.fn();
    const board = boardOf(world.client({ onMismatch }));
    board.heartbeat(ann);
    await run();
    const { fingerprint, fields } = cursor;
    expect(world.last("heartbeat").body["schema"]).toEqual({ fingerprint, fields });
    const mismatch = { schema: "Cursor", older: "client", fields: [] };
    world.last("heartbeat").answer({ change: "joined", member: ID, version: 1, heartbeatMs: 10_000, throttleMs: 50, mismatch });
    await run();
    expect(onMismatch.mock.calls).toEqual([[mismatch]]);
    board.update({ x: 2 });
    await run(50);
    expect(world.last("heartbeat").body).not.toHaveProperty("schema");
  });

  test("is renewed as often as the server asks, unless something else was said", async () => {
    const { world, board } = await present();
    await run(10_000);
    expect(world.all("heartbeat").map((it) => "value" in it.body)).toEqual([true, false]);
    await run(8_000);
    board.update({ x: 2 });
    await run(2_000);
    expect(world.all("heartbeat").map((it) => "value" in it.body)).toEqual([true, false, true]);
  });

  test("is announced again when a renewal finds nothing, or was overtaken", async () => {
    const { world } = await present();
    world.helpful = false;
    for (const answer of ["not_present", "stale"] as const) {
      await run(10_000);
      const renewal = world.last("heartbeat");
      expect(renewal.body).not.toHaveProperty("value");
      if (answer === "stale") renewal.answer({ change: "stale", member: ID, version: 1 });
      else renewal.refuse({ code: answer, message: "not present" }, 404);
      await run();
      expect(world.last("heartbeat").body).toMatchObject({ value: ann, activity: "active", hidden: false });
      world.help(world.last("heartbeat"));
      await run();
    }
  });

  test("is announced again when it is another question that finds nothing", async () => {
    const { world, board } = await present();
    world.helpful = false;
    const questions = [() => world.page.turn("online"), () => board.follow("bob")];
    for (const question of questions) {
      question();
      await run();
      const asked = world.last("heartbeat");
      expect(asked.open).toBe(true);
      expect(asked.body).not.toHaveProperty("value");
      asked.refuse({ code: "not_present", message: "not present" }, 404);
      await run();
      expect(world.last("heartbeat").body).toMatchObject({ value: ann });
      world.help(world.last("heartbeat"));
      await run();
    }
  });

  test("is said again when the server takes it for something older, but not for ever", async () => {
    const world = new HttpWorld();
    world.helpful = false;
    const board = boardOf(world.client());
    board.heartbeat(ann);
    await run();
    for (let i = 0; i < 10; i += 1) {
      const last = world.last("heartbeat");
      if (last.open) last.answer({ change: "stale", member: ID, version: 1, heartbeatMs: 10_000, throttleMs: 50 });
      await run();
    }
    const order = world.all("heartbeat").map((it) => it.body["n"]);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test("waits as long as the server asks", async () => {
    const { world, board } = await present();
    world.helpful = false;
    const done = board.update({ x: 2 });
    await run();
    world.last("heartbeat").refuse({ code: "overloaded", message: "later" }, 503, { "retry-after": "7" });
    await expect(done).rejects.toMatchObject({ code: "overloaded", retryAfterMs: 7_000 });
    await run(7_000 + 499);
    expect(world.all("heartbeat").length).toBe(2);
    await run(1);
    expect(world.last("heartbeat").body).toMatchObject({ value: { ...ann, x: 2 } });
  });

  test("is lost when nobody answers, and said again", async () => {
    const { world, client, board } = await present();
    world.helpful = false;
    board.update({ x: 2 });
    await run(10_000);
    expect(client.status.state).toBe("stale");
    world.helpful = true;
    await run(1_000);
    expect(world.last("heartbeat").body).toMatchObject({ value: { ...ann, x: 2 } });
    expect(client.status.state).toBe("live");
  });

  test("follows, and says so again when it is announced anew", async () => {
    const { world, board } = await present();
    board.follow("bob", "cid");
    await run();
    expect(world.last("heartbeat").body).toMatchObject({ following: ["bob", "cid"] });
    expect(board.value().self?.following).toEqual(["bob", "cid"]);
    world.helpful = false;
    await run(10_000);
    world.last("heartbeat").refuse({ code: "not_present", message: "not present" }, 404);
    await run();
    expect(world.last("heartbeat").body).toMatchObject({ value: ann, following: ["bob", "cid"] });
  });

  test("says how busy one is, for all topics", async () => {
    const { world, client } = await present();
    client.topic(typing, { chat: "c" }).heartbeat({ typing: true });
    await run(50);
    world.page.turn("hide");
    await run();
    const away = world.asked.filter((it) => it.body["activity"] === "away");
    expect(away.map((it) => [it.route, it.body["hidden"]])).toEqual([
      [`/${TOPIC}/heartbeat`, true],
      ["/chats:c:typing/heartbeat", true],
    ]);
  });

  test("a kick that the stream tells of ends it", async () => {
    const { world, board } = await watching();
    const left: LeaveReason[] = [];
    board.onLeave((_, reason) => left.push(reason));
    board.heartbeat(ann);
    await run(50);
    world.told?.say(changes({ joined: [entry(ID, shown, { member: ID })] }));
    await run();
    world.told?.say(changes({ left: [{ member: ID, reason: "kicked" }] }, "e.3"));
    await run();
    expect(left).toEqual(["kicked"]);
    expect(board.value()).toMatchObject({ self: null, error: { code: "kicked" } });
  });
});

describe("leaving", () => {
  test("waits for nobody, outlives the page, and what was said before it does not come after it", async () => {
    const { world, board } = await present();
    world.helpful = false;
    board.update({ x: 2 });
    board.update({ x: 3 });
    await run(50);
    void board.leave();
    await run();
    expect(world.last("leave")).toMatchObject({ keepalive: true, body: { n: 4 } });
    const [, late] = world.all("heartbeat");
    late?.answer({ change: "stale", member: ID, version: 1, heartbeatMs: 10_000, throttleMs: 50 });
    world.last("leave").answer({ left: true });
    await run(60_000);
    expect(world.all("heartbeat").length).toBe(2);
  });

  test("and closing goes out, although nothing is heard of any more", async () => {
    const { world, client } = await present();
    client.close();
    await run();
    expect(world.last("leave")).toMatchObject({ keepalive: true });
    await run(60_000);
    expect(world.asked.filter((it) => it.route.endsWith("heartbeat")).length).toBe(1);
  });

  test("a page that ends leaves a little later, and one that comes back stays", async () => {
    const { world, board } = await watching();
    board.heartbeat(ann);
    await run(50);
    const stream = world.last("/changes");
    world.page.turn("end");
    world.page.turn("hide");
    expect(world.last("leave")).toMatchObject({ keepalive: true, body: { afterMs: 2_000, n: 2 } });
    await run(60_000);
    // What it holds would keep a browser from keeping it.
    expect(stream.open).toBe(false);
    const { length } = world.asked;
    world.page.turn("return");
    await run();
    expect(world.asked.length).toBeGreaterThan(length);
    expect(world.last("heartbeat").body).toMatchObject({ value: ann, n: 3 });
    expect(world.last("/changes").body["topics"]).toEqual([{ topic: TOPIC, since: "e.1" }]);
  });
});
