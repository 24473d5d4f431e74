/** How a client loses its connection and returns; the test is the server. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TOPIC, ann, boardOf, changes, run, shown, snapshot, watching } from "../tests/board.js";
import { ME, World, entry } from "../tests/fakes.js";
import { cursor } from "../../generated/index.js";
import type { Status } from "./index.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("losing and returning", () => {
  test("a lost connection comes back with the value and the position", async () => {
    const { world, client, board, log } = await watching();
    const states: Status["state"][] = [];
    client.onStatus((status) => states.push(status.state));
    await Promise.all([board.heartbeat(ann), run(60)]);
    world.socket.say(changes({ at: "e.9" }));
    world.socket.end(1006);
    await run();
    expect(client.status).toMatchObject({ state: "stale", attempt: 1, retryAt: performance.now() + 500 });
    expect(board.value()).toMatchObject({ status: "stale", others: [{ user: "bob" }, { user: "cid" }] });

    await run(500);
    const [hello, heartbeat, subscribe] = world.socket.sent;
    expect(hello).toMatchObject({ session: world.sockets[0]?.all("hello")[0]?.session });
    expect(heartbeat).toMatchObject({ type: "heartbeat", value: ann, n: 2 });
    expect(subscribe).toMatchObject({ type: "subscribe", since: "e.9" });
    await run(1000);
    expect(board.value().status).toBe("syncing");
    // Nothing was missed, and the server says so.
    world.socket.say(changes({ at: "e.9" }));
    await run();
    expect(board.value().status).toBe("live");
    // Stale twice: until the next attempt, and while it is made.
    expect(states).toEqual(["syncing", "live", "stale", "stale", "syncing", "live"]);
    expect(log).toEqual(["join bob", "join cid"]);
  });

  test("a new epoch is a snapshot, told as the difference; who is missing in it may come back within the grace", async () => {
    const { world, board, log } = await watching();
    world.socket.end(1012);
    await run(500);
    world.socket.say(snapshot([entry("cid", { ...shown, x: 6 }), entry("dan", shown)], "f.3"));
    await run();
    expect(log.slice(2)).toEqual(["join dan"]);
    expect(board.value()).toMatchObject({ status: "syncing", asOf: expect.any(Number), others: [{ user: "cid" }, { user: "dan" }, { user: "bob" }] });
    await run(cursor.graceMs);
    expect(log.slice(3)).toEqual(["leave bob unseen"]);
    expect(board.value()).toMatchObject({ status: "live", asOf: null, others: [{ user: "cid" }, { user: "dan" }] });
  });

  test("who is back after a new epoch was there all the while, or has changed", async () => {
    const { world, board, log } = await watching();
    world.socket.end(1012);
    await run(500);
    world.socket.say(snapshot([], "f.0"));
    await run();
    // One as before, at the very same time of another clock; one has moved meanwhile.
    world.socket.say(changes({ at: "f.2", joined: [entry("bob", { ...shown, x: 5 }), entry("cid", { ...shown, x: 7 })] }));
    await run();
    expect(board.value()).toMatchObject({ status: "live", asOf: null });
    await run(60_000);
    expect(log.slice(2)).toEqual(["update cid 6→7"]);
    world.socket.say(changes({ at: "f.3", left: [{ member: entry("bob", shown).member, reason: "left" }] }));
    await run();
    expect(log.slice(3)).toEqual(["leave bob left"]);
  });

  test("nobody is missed while the connection is lost again, and after it who is not back by then", async () => {
    const { world, board, log } = await watching();
    world.socket.end(1012);
    await run(500);
    world.socket.say(snapshot([], "f.0"));
    await run();
    world.socket.end(1006);
    await run(499);
    await run(cursor.graceMs);
    expect(board.value().others.map((it) => it.user)).toEqual(["bob", "cid"]);
    // A snapshot of the same epoch, by which grace is over.
    world.socket.say(snapshot([entry("cid", { ...shown, x: 6 })], "f.9"));
    await run();
    expect(log.slice(2)).toEqual(["leave bob unseen"]);
    expect(board.value().status).toBe("live");
  });

  test("a snapshot of the same epoch is what there is", async () => {
    const { world, board, log } = await watching();
    world.socket.end(1012);
    await run(500);
    world.socket.say(snapshot([entry("cid", { ...shown, x: 6 })], "e.9"));
    await run();
    expect(log.slice(2)).toEqual(["leave bob unseen"]);
    expect(board.value().status).toBe("live");
  });

  test("a message that was cut in parts by the loss is not applied", async () => {
    const { world, board } = await watching();
    const { at: _, ...part } = changes({ joined: [entry("dan", shown)] });
    world.socket.say({ ...part, more: true });
    world.socket.end(1006);
    await run(500);
    expect(world.socket.all("subscribe")).toMatchObject([{ since: "e.1" }]);
    world.socket.say(changes({ joined: [entry("eve", shown)] }));
    await run();
    expect(board.value().others.map((it) => it.user)).toEqual(["bob", "cid", "eve"]);
  });

  test("a value that nobody answered is sent again, and its promise kept", async () => {
    const world = new World();
    const board = boardOf(world.client());
    await Promise.all([board.heartbeat(ann), run(60)]);
    world.answering = false;
    const done = board.update({ x: 2 });
    world.socket.end(1006);
    board.update({ y: 3 });
    world.answering = true;
    await run(500);
    expect(world.socket.all("heartbeat")).toMatchObject([{ value: { ...ann, x: 2, y: 3 } }]);
    expect(await done).toMatchObject({ member: ME });
  });

  test("a leave without a connection is said on the next one", async () => {
    const world = new World();
    const board = boardOf(world.client());
    await Promise.all([board.heartbeat(ann), run()]);
    world.socket.end(1006);
    expect(await board.leave()).toBe(true);
    await run(500);
    expect(world.socket.sent.map((it) => it.type)).toEqual(["hello", "leave"]);
    world.socket.end(1006);
    await run(1_000);
    expect(world.socket.sent.map((it) => it.type)).toEqual(["hello"]);
  });

  test("what is gone is announced again, except after a kick", async () => {
    const { world, board, log } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    world.socket.say({ type: "gone", topic: TOPIC, reason: "expired" });
    expect(world.socket.all("heartbeat").length).toBe(2);
    world.socket.say({ type: "gone", topic: TOPIC, reason: "kicked" });
    await run();
    // Whether that lasts only the server knows. It is asked once.
    const kicked = { code: "kicked", message: "removed", retryAfterMs: 60_000 } as const;
    world.refuses = ({ type }) => (type === "heartbeat" ? kicked : undefined);
    await Promise.all([expect(board.heartbeat(ann)).rejects.toMatchObject({ code: "kicked" }), run(50)]);
    world.refuses = () => undefined;
    await run(5_000);
    await expect(board.heartbeat(ann)).rejects.toMatchObject({ code: "kicked", retryAfterMs: 55_000 });
    expect(world.socket.all("heartbeat").length).toBe(3);
    expect(log.at(-1)).toBe("leave me kicked");
    expect(board.value()).toMatchObject({ self: null, status: "closed", error: { code: "kicked" } });
    expect(() => board.update({ x: 1 })).toThrow(expect.objectContaining({ code: "not_present" }));
    await run(55_000);
    expect(board.value().status).toBe("live");
    await Promise.all([board.heartbeat(ann), run()]);
    expect(board.value().self?.value).toEqual(shown);
  });

  test("a renewal that finds nothing announces the value", async () => {
    const world = new World();
    const board = boardOf(world.client());
    await Promise.all([board.heartbeat(ann), run()]);
    world.answering = false;
    const done = board.heartbeat();
    const error = { code: "not_present", message: "not present" } as const;
    world.socket.say({ type: "error", id: 2, error });
    const last = world.socket.all("heartbeat").at(-1);
    expect(last).toMatchObject({ id: 3, value: ann });
    if (last) world.answer(world.socket, last);
    expect(await done).toMatchObject({ member: ME });
  });

  test("the wait grows while nobody answers, and begins anew after a good connection", async () => {
    const world = new World();
    const client = world.client();
    boardOf(client).onChange(() => {});
    await run(10_000);
    for (const wait of [500, 500]) {
      world.socket.end(1006);
      await run(wait - 1);
      expect(client.status.attempt).toBe(1);
      await run(10_001);
    }
    world.answering = false;
    world.socket.end(1006);
    await run(500);
    for (const [attempt, wait] of [1_000, 2_000, 4_000].entries()) {
      world.socket.end(1006);
      await run(wait - 1);
      expect(client.status.attempt).toBe(attempt + 2);
      await run(1);
      expect(client.status.retryAt).toBeNull();
    }
  });

  test("a draining server says when to come back", async () => {
    const { world } = await watching();
    world.socket.say({ type: "draining", retryAfterMs: 3_000 });
    world.socket.end(1012);
    await run(3_499);
    expect(world.sockets.length).toBe(1);
    await run(1);
    expect(world.sockets.length).toBe(2);
  });

  test("what is seen is stale while the server has lost its other nodes, and the connection is not", async () => {
    const { world, client, board } = await watching();
    expect(board.value().status).toBe("live");
    world.socket.say({ type: "status", remote: "stale" });
    await run(20);
    expect(board.value().status).toBe("stale");
    expect(client.status.state).toBe("live");
    world.socket.say({ type: "status", remote: "live" });
    await run(20);
    expect(board.value().status).toBe("live");
    world.socket.say({ type: "status", remote: "stale" });
    world.socket.end(1006);
    await run(2_000);
    expect(board.value().status).toBe("syncing");
  });

  test("a taken over session does not come back", async () => {
    const { world, client } = await watching();
    world.socket.end(4509);
    await run(60_000);
    expect(world.sockets.length).toBe(1);
    expect(client.status).toMatchObject({ state: "closed", error: { code: "taken_over" } });
  });

  test("silence is probed, and a socket that does not answer is given up", async () => {
    const { world, client } = await watching();
    await run(20_000);
    expect(world.socket.all("activity")).toMatchObject([{ id: expect.any(Number) }]);
    await run(20_000);
    expect(world.socket.all("activity").length).toBe(2);
    expect(client.status.state).toBe("live");

    world.answering = false;
    await run(20_000 + 5_000);
    expect(client.status.state).toBe("stale");
    expect(world.socket.closed).toBe(true);
  });

  test("a socket that never opens is given up", async () => {
    const world = new World();
    world.answering = false;
    boardOf(world.client()).onChange(() => {});
    await run(10_000 + 500);
    expect(world.sockets.length).toBe(2);
    expect(world.sockets[0]?.closed).toBe(true);
  });

  test("what was known stays while it is not live, says until when it held, and nobody leaves for that", async () => {
    const { world, board, log } = await watching();
    expect(board.value().asOf).toBeNull();
    await run(3_000);
    const lostAt = performance.now();
    world.socket.end(1006);
    await run(400);
    expect(board.value()).toMatchObject({ status: "stale", asOf: lostAt, others: [{ user: "bob" }, { user: "cid" }] });
    await run(100);
    expect(board.value()).toMatchObject({ status: "syncing", asOf: lostAt });
    world.socket.say(changes({ at: "e.1" }));
    await run();
    expect(board.value()).toMatchObject({ status: "live", asOf: null });
    expect(log).toEqual(["join bob", "join cid"]);
  });

  test("a client that the server sent away begins again when it is told to, as it was", async () => {
    const { world, client, board } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    world.socket.end(4501);
    await run(60_000);
    expect(client.status).toMatchObject({ state: "closed", error: { code: "unauthenticated" } });
    expect(board.value()).toMatchObject({ self: null, status: "closed" });
    await expect(client.waitForConnected()).rejects.toMatchObject({ code: "unauthenticated" });
    client.connect();
    await run();
    expect(world.sockets.length).toBe(2);
    expect(world.socket.all("heartbeat")).toMatchObject([{ value: ann }]);
    expect(world.socket.all("subscribe")).toMatchObject([{ since: "e.1" }]);
    expect(board.value().self?.value).toEqual(shown);
    // It lives with its page as before.
    world.page.turn("hide");
    expect(world.socket.all("activity")).toMatchObject([{ activity: "away" }]);
  });

  test("a client that was closed begins again from nothing", async () => {
    const { world, client, board } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    client.close();
    await run();
    client.connect();
    await run();
    expect(world.socket.all("heartbeat")).toEqual([]);
    expect(world.socket.all("subscribe").length).toBe(1);
    await Promise.all([board.heartbeat(ann), run(50)]);
    expect(board.value().self?.value).toEqual(shown);
  });

  test("where neither a WebSocket nor HTTP gets through, both are tried in turn, ever later", async () => {
    const asked: string[] = [];
    const world = new World({ fetch: (url) => (asked.push(url), Promise.reject(new TypeError("failed to fetch"))) });
    world.answering = false;
    const client = world.client({ transport: "auto" });
    client.connect();
    await run();
    const tried: (string | number)[] = [];
    for (let i = 0; i < 4; i += 1) {
      if (client.status.retryAt === null) world.socket.end(1006);
      await run();
      tried.push(client.status.transport, (client.status.retryAt ?? 0) - performance.now());
      await run((client.status.retryAt ?? 0) - performance.now());
    }
    expect(tried).toEqual(["sse", 500, "websocket", 1_000, "sse", 2_000, "websocket", 4_000]);
    expect(asked.length).toBe(2);
  });
});

describe("waiting for a connection", () => {
  test("is over when there is one, and begins it", async () => {
    const world = new World();
    const client = world.client();
    const done = client.waitForConnected();
    await run();
    expect(world.sockets.length).toBe(1);
    await done;
    await client.waitForConnected({ timeout: 1 });
  });

  test("is over when it takes too long, is given up, or comes to nothing", async () => {
    const world = new World();
    world.answering = false;
    const client = world.client();
    const late = expect(client.waitForConnected({ timeout: 1_000 })).rejects.toMatchObject({ code: "timeout" });
    const stop = new AbortController();
    const aborted = expect(client.waitForConnected({ signal: stop.signal })).rejects.toBe("enough");
    const closed = expect(client.waitForConnected()).rejects.toMatchObject({ code: "closed" });
    await run(1_000);
    await late;
    stop.abort("enough");
    await aborted;
    client.close();
    await run();
    await closed;
    await expect(client.waitForConnected({ signal: stop.signal })).rejects.toBe("enough");
  });
});
