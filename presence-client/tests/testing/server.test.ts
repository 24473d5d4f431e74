/** The server in memory, as tests of applications use it: its clock, and everything that can go wrong. */

import { describe, expect, test, vi } from "vitest";
import { cursor, typing } from "../../../generated/index.js";
import type { PresenceClient, UserId } from "../../src/index.js";
import { TestServer } from "../../src/testing/index.js";
import type { TestServerOptions } from "../../src/testing/index.js";
import { Clock } from "../../src/testing/clock.js";
import { Random } from "../../src/testing/random.js";
import { Line } from "../../src/testing/world/line.js";

const ann = { x: 1, y: 2, label: "Ann" };
const bo = { x: 3, y: 4, label: "Bo" };

/** Two who see each other, and what the first sees. */
async function two(options: Partial<TestServerOptions> = {}) {
  const server = new TestServer({ topics: [cursor, typing], ...options });
  const [a, b] = [server.client({ user: "ann" }), server.client({ user: "bo" })];
  const log: string[] = [];
  boardOf(a).onJoin(({ user }) => log.push(`${server.now} join ${user}`));
  boardOf(a).onLeave(({ user }, reason) => log.push(`${server.now} leave ${user} ${reason}`));
  boardOf(b).onChange(() => {});
  await Promise.all([boardOf(a).heartbeat(ann), boardOf(b).heartbeat(bo)]);
  await server.settle();
  expect(names(a)).toEqual(["bo"]);
  // Whatever happens now is told at once.
  await server.advance(100);
  log.length = 0;
  return { server, a, b, log, began: server.now };
}

const boardOf = (client: PresenceClient) => client.topic(cursor, { board: "42" });
const names = (client: PresenceClient) => boardOf(client).value().others.map(({ user }) => user);
const TOPIC = "boards:42:cursors";

describe("the clock", () => {
  test("stands still while a test does something, and moves as far as it says", async () => {
    const { server, b } = await two();
    const before = server.now;
    boardOf(b).update({ x: 9 });
    await Promise.resolve();
    expect(server.now).toBe(before);
    await server.advance(12_345);
    expect(server.now).toBe(before + 12_345);
  });

  test("lets a test wait for answers, however throttled they are", async () => {
    const { server, b } = await two();
    const before = server.now;
    expect(await boardOf(b).update({ x: 8 })).toMatchObject({ change: "updated" });
    expect(await boardOf(b).update({ x: 9 })).toMatchObject({ change: "updated" });
    expect(server.now - before).toBeLessThanOrEqual(100);
  });

  test("is told in order, also by who does not wait", async () => {
    const { server, log, b, began } = await two();
    server.cut(b);
    void server.advance(9_999);
    void server.advance(1);
    await server.settle();
    expect(log).toEqual([`${began + 10_000} leave bo disconnected`]);
  });

  test("settles as soon as nothing is under way, though leases and pings go on", async () => {
    const { server, began } = await two();
    await server.settle();
    expect(server.now).toBe(began);
    await expect(server.advance(-1)).rejects.toThrow(RangeError);
  });

  test("says so when something never settles", async () => {
    const { server } = await two();
    const { setTimeout } = server.environment();
    const again = () => void setTimeout(again, 10);
    again();
    await expect(server.settle()).rejects.toThrow("nothing settles within 60000 ms");
  });

  test("leaves alone what the runner of tests fakes, and is left alone", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "setImmediate", "Date", "performance"] });
    try {
      const { server, a, b, log } = await two();
      server.disconnect(b);
      await server.advance(60_000);
      expect([names(a), log]).toEqual([["bo"], []]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test("the same seed is the same story", async () => {
    const story = async (seed: number) => {
      const { server, a, b, log } = await two({ seed });
      server.delay(b, 20, 200);
      server.disconnect(a);
      for (let x = 0; x < 20; x += 1) {
        boardOf(b).update({ x });
        await server.advance(70);
      }
      server.restart();
      await server.advance(40_000);
      return [server.now, log, boardOf(a).value()];
    };
    expect(await story(7)).toEqual(await story(7));
    expect(await story(7)).not.toEqual(await story(8));
  });
});

describe("a line", () => {
  test("that is cut: nobody leaves before grace is over, and back is back", async () => {
    const { server, a, b, log, began } = await two();
    server.cut(b);
    await server.advance(9_000);
    expect([names(a), b.status.state]).toEqual([["bo"], "stale"]);
    server.restore(b);
    await server.advance(1_000);
    expect([names(a), b.status.state, log]).toEqual([["bo"], "live", []]);
    server.cut(b);
    await server.advance(60_000);
    expect(log).toEqual([`${began + 20_000} leave bo disconnected`]);
    server.restore(b);
    await server.settle();
    expect(names(a)).toEqual(["bo"]);
  });

  test("that drops everything: both ends find out by silence", async () => {
    const { server, a, b, log, began } = await two();
    server.drop(b);
    await server.advance(20_000);
    expect(names(a)).toEqual(["bo"]);
    await server.advance(40_000);
    const [left = ""] = log;
    expect(left).toMatch(/leave bo disconnected$/);
    expect(Number.parseInt(left) - began).toBeGreaterThanOrEqual(24_000);
    expect(Number.parseInt(left) - began).toBeLessThanOrEqual(35_000);
    expect(b.status.state).toBe("stale");
    server.restore(b);
    await server.advance(30_000);
    expect([names(a), names(b), b.status.state]).toEqual([["bo"], ["ann"], "live"]);
  });

  test("that drops everything for a moment loses nothing", async () => {
    const { server, a, b, log } = await two();
    server.drop(b);
    boardOf(b).update({ x: 77 });
    await server.advance(2_000);
    expect(boardOf(a).value().others[0]?.value.x).toBe(3);
    server.restore(b);
    await server.settle();
    expect(boardOf(a).value().others[0]?.value.x).toBe(77);
    expect(log).toEqual([]);
  });

  test("that is slow: what was said arrives in its order, and late", async () => {
    const { server, a, b } = await two();
    server.delay(b, 500, 300);
    for (let x = 10; x < 20; x += 1) {
      boardOf(b).update({ x });
      await server.advance(60);
    }
    expect(boardOf(a).value().others[0]?.value.x).toBeLessThan(15);
    await server.settle();
    expect(boardOf(a).value().others[0]?.value.x).toBe(19);
  });

  test("that is slow for some longer than for others overtakes nothing", async () => {
    const clock = new Clock();
    const line = new Line(clock, new Random(7), () => false);
    line.delay(100, 500);
    const arrived: [number, number][] = [];
    const send = line.pipe();
    for (let i = 0; i < 50; i += 1) send(() => arrived.push([i, clock.now]));
    await clock.settle();
    expect(arrived.map(([i]) => i)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(arrived.map(([, at]) => at)).toEqual(arrived.map(([, at]) => at).sort((a, b) => a - b));
    expect(arrived[0]?.[1]).toBeGreaterThanOrEqual(100);
    expect(arrived[49]?.[1]).toBeLessThanOrEqual(600);
  });

  test("that lets no WebSocket through: clients find another way", async () => {
    const { server, a, b, log } = await two();
    server.block("websocket");
    for (const it of [a, b]) server.disconnect(it);
    await server.advance(9_000);
    expect([a.status, b.status]).toMatchObject([{ state: "live", transport: "sse" }, { state: "live", transport: "sse" }]);
    boardOf(b).update({ x: 55 });
    await server.settle();
    expect([boardOf(a).value().others[0]?.value.x, log]).toEqual([55, []]);
    server.unblock("websocket");
    await server.advance(700_000);
    expect([a.status.transport, names(a), log]).toEqual(["websocket", ["bo"], []]);
  });
});

describe("a server", () => {
  test("that forgets everything finds everybody back", async () => {
    const { server, a, b } = await two();
    server.restart();
    expect(server.members(TOPIC)).toEqual([]);
    await server.advance(30_000);
    expect(server.members(TOPIC).map(({ user }) => user).sort()).toEqual(["ann", "bo"]);
    expect([names(a), names(b)]).toEqual([["bo"], ["ann"]]);
  });

  test("that is down for a while: nobody is said to have left", async () => {
    const { server, a, log } = await two();
    server.stop();
    await server.advance(120_000);
    expect([names(a), a.status.state, log]).toEqual([["bo"], "stale", []]);
    server.start();
    await server.advance(60_000);
    expect([names(a), a.status.state]).toEqual([["bo"], "live"]);
  });

  test.each(["websocket", "sse"] as const)("that goes in order says when to come back, by %s", async (transport) => {
    const server = new TestServer({ topics: [cursor] });
    const [a, b] = [server.client({ user: "ann", transport }), server.client({ user: "bo", transport })];
    const left: string[] = [];
    boardOf(a).onLeave((_, reason) => left.push(reason));
    await Promise.all([boardOf(a).heartbeat(ann), boardOf(b).heartbeat(bo)]);
    await server.advance(10_000);
    server.drain(5_000);
    server.start();
    await server.advance(4_900);
    expect([a.status.state, server.members(TOPIC)]).toEqual(["stale", []]);
    await server.advance(31_000);
    expect([a.status.state, b.status.state]).toEqual(["live", "live"]);
    expect([names(a), server.members(TOPIC).length]).toEqual([["bo"], 2]);
    // Whoever comes back first waits for those who have yet to.
    expect(left).toEqual([]);
  });

  test.each(["websocket", "sse"] as const)("that has forgotten everything is told again before anybody is missed, by %s", async (transport) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { server, a, b, log } = await two({ seed });
      const others = ["cid", "dan", "eve"].map((user) => server.client({ user, transport }));
      for (const other of others) boardOf(other).heartbeat({ ...bo, label: "Other" });
      const gone = server.client({ user: "gone", transport });
      boardOf(gone).heartbeat(bo);
      await server.advance(1_000);
      const [before, bob] = [names(a), boardOf(a).user("bo" as UserId)?.members[0]];
      log.length = 0;
      server.restart();
      server.cut(gone);
      await server.advance(3_000);
      // All are back but one, and until the grace is over nobody says that this one is not there.
      expect([names(a).sort(), boardOf(a).value().status, a.status.state], `seed ${seed}`).toEqual([before.sort(), "syncing", "syncing"]);
      expect(boardOf(a).value().asOf).not.toBeNull();
      await server.advance(cursor.graceMs);
      expect([names(a).sort(), boardOf(a).value().status, boardOf(a).value().asOf]).toEqual([["bo", "cid", "dan", "eve"], "live", null]);
      expect(log.map((it) => it.split(" ").slice(1).join(" "))).toEqual(["leave gone unseen"]);
      // Who is as before looks as before.
      expect(boardOf(a).user("bo" as UserId)?.members[0]?.value).toEqual(bob?.value);
      expect(b.status.state).toBe("live");
      server.close();
    }
  });

  test("kicks: the one is told and stays away for a minute", async () => {
    const { server, a, b, log, began } = await two();
    expect(server.kick(boardOf(b), "bo")).toBe(1);
    await server.settle();
    expect(log).toEqual([`${began} leave bo kicked`]);
    expect(boardOf(b).value().error).toMatchObject({ code: "kicked" });
    await expect(boardOf(b).heartbeat(bo)).rejects.toMatchObject({ code: "kicked" });
    await server.advance(61_000);
    await boardOf(b).heartbeat(bo);
    await server.settle();
    expect(names(a)).toEqual(["bo"]);
    expect(server.kick(TOPIC, "nobody")).toBe(0);
  });

  test("lets nobody pretend to be somebody's session", async () => {
    const server = new TestServer({ topics: [cursor] });
    const post = (token: string) =>
      server.fetch(`${TOPIC}/heartbeat`, {
        method: "POST",
        headers: { "content-type": "application/json", "presence-session": "0".repeat(32), authorization: `Bearer ${token}` },
        body: JSON.stringify({ value: ann }),
      });
    expect((await post("ann")).status).toBe(200);
    const refused = await post("bo");
    expect([refused.status, JSON.parse(await refused.text())]).toMatchObject([409, { error: { code: "session_taken" } }]);
  });

  test("asks who somebody is and what they may do, again when it is told to", async () => {
    const banned = new Set<string>();
    let reading = true;
    const { server, a, b, log } = await two({
      authenticate: (token) => (token === undefined ? "unauthenticated" : { user: token }),
      authorize: ({ user = "", action, parameters, type }) =>
        type.name === "Cursor" && parameters["board"] === "42" && !banned.has(user) && (action === "announce" || reading),
    });
    const stranger = server.client();
    boardOf(stranger).onChange(() => {});
    await server.settle();
    expect(stranger.status).toMatchObject({ state: "closed", error: { code: "unauthenticated" } });

    banned.add("bo");
    server.reauthorize("bo");
    await server.settle();
    expect(log.map((it) => it.replace(/^\d+ /, ""))).toEqual(["leave bo kicked"]);
    expect(boardOf(b).value()).toMatchObject({ status: "closed", error: { code: "forbidden" } });
    reading = false;
    server.reauthorize("ann");
    await server.settle();
    expect(boardOf(a).value().others).toEqual([]);
    server.revoke("ann");
    await server.advance(1_000);
    expect(a.status).toMatchObject({ state: "closed", error: { code: "unauthenticated" } });
  });

  test("tells clients that their token expires, and takes another one", async () => {
    const tokens: string[] = [];
    const server = new TestServer({
      topics: [cursor],
      authenticate: (token = "") => ({ user: token.split(" ")[0] ?? "", expiresInMs: 60_000 }),
    });
    const token = async () => {
      tokens.push(`ann ${tokens.length}`);
      return tokens.at(-1) ?? "";
    };
    const client = server.client({ token });
    await boardOf(client).heartbeat(ann);
    await server.advance(200_000);
    expect(tokens.length).toBeGreaterThan(3);
    expect([client.status.state, server.members(TOPIC).length]).toEqual(["live", 1]);
    expect(server.reported).toEqual([]);
  });
});

describe("a tab", () => {
  test("that is hidden is away, and stays", async () => {
    const { server, a, b, log } = await two();
    server.page(b).turn("hide");
    await server.settle();
    expect(boardOf(a).value().others).toMatchObject([{ user: "bo", activity: "away" }]);
    await server.advance(600_000);
    expect(log).toEqual([]);
    server.page(b).turn("show");
    await server.settle();
    expect(boardOf(a).value().others).toMatchObject([{ user: "bo", activity: "active" }]);
  });

  test("that is reloaded is the same member, without a flicker; one that ends is gone after two seconds", async () => {
    const { server, a, b, log } = await two();
    const [before] = boardOf(a).value().others;
    const again = server.reload(b);
    boardOf(again).heartbeat(bo);
    await server.advance(5_000);
    expect(boardOf(a).value().others.map(({ member }) => member)).toEqual([before?.member]);
    expect(log).toEqual([]);
    server.page(again).turn("end");
    await server.advance(1_900);
    expect(log).toEqual([]);
    await server.advance(200);
    expect(log.map((it) => it.replace(/^\d+ /, ""))).toEqual(["leave bo left"]);
  });

  test("that is duplicated is another member of the same user", async () => {
    const { server, a, b, log } = await two();
    const other = server.duplicate(b);
    boardOf(other).heartbeat(bo);
    await server.advance(5_000);
    expect(boardOf(a).value()).toMatchObject({ counts: { members: 3, users: 2 } });
    expect(log.map((it) => it.replace(/^\d+ /, ""))).toEqual(["join bo"]);
    expect(b.status.state).toBe("live");
  });

  test("of another server is none of this one's", () => {
    const [one, other] = [new TestServer({ topics: [] }), new TestServer({ topics: [] })];
    expect(() => one.cut(other.client())).toThrow(TypeError);
  });
});

test("what holds a value back, decays and expires is on the clock", async () => {
  const { server, a, b } = await two({ limits: { maxValuesPerSecond: 1 } });
  const chat = (client: PresenceClient) => client.topic(typing, { chat: "1" });
  chat(a).onChange(() => {});
  await chat(b).heartbeat({ typing: true });
  await server.settle();
  expect(chat(a).value().others[0]?.value.typing).toBe(true);
  await server.advance(4_800);
  expect(chat(a).value().others[0]?.value.typing).toBe(true);
  await server.advance(300);
  expect(chat(a).value().others[0]?.value.typing).toBe(false);

  await boardOf(b).update({ x: 100 });
  await boardOf(b).update({ x: 200 });
  await server.settle();
  expect(boardOf(a).value().others[0]?.value.x).toBe(100);
  await server.advance(1_000);
  expect(boardOf(a).value().others[0]?.value.x).toBe(200);
});
