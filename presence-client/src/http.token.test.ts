/** Who a client is over HTTP, and with which token; the test is the server. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cursor } from "../../generated/index.js";
import { SESSION_KEY } from "../tests/fakes.js";
import { HttpWorld } from "../tests/http.js";
import type { PresenceClient } from "./index.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const TOPIC = "boards:42:cursors";
const ann = { x: 1, y: 2, label: "Ann" };
const run = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const boardOf = (client: PresenceClient) => client.topic(cursor, { board: "42" });
const base = { topic: TOPIC, nowMs: 100, counts: { members: 0, users: 0 } };
const snapshot = (entries: unknown[], at = "e.1") => ({ ...base, type: "snapshot", at, entries });

describe("greeting", () => {
  test("asks whether somebody is there, as who one is", async () => {
    const world = new HttpWorld();
    const client = world.client({ token: async () => "secret" });
    client.connect();
    await run();
    expect(world.asked).toMatchObject([
      { route: "/schemas/", headers: { "presence-session": SESSION_KEY, authorization: "Bearer secret" } },
    ]);
    expect(client.status).toMatchObject({ state: "live", transport: "sse" });
  });

  test("that nobody answers is tried again, ever later", async () => {
    const world = new HttpWorld();
    world.helpful = false;
    world.help = (asked) => asked.fail();
    const client = world.client();
    client.connect();
    await run();
    expect(client.status).toMatchObject({ state: "connecting", attempt: 1, retryAt: performance.now() + 500 });
    await run(500 + 1_000);
    expect(world.asked.length).toBe(3);
  });

  test("that a proxy answers is nobody's answer", async () => {
    const world = new HttpWorld();
    world.help = (asked) => asked.answer("<html>", 502);
    const client = world.client();
    client.connect();
    await run();
    expect(client.status).toMatchObject({ state: "connecting", attempt: 1, error: { code: "disconnected" } });
  });

  test.each([
    ["unauthenticated", 401],
    ["forbidden_origin", 403],
  ] as const)("that is %s is the end", async (code, status) => {
    const world = new HttpWorld();
    world.help = (asked) => asked.refuse({ code, message: "no" }, status);
    const client = world.client();
    client.connect();
    await run(60_000);
    expect(client.status).toMatchObject({ state: "closed", error: { code } });
    expect(world.asked.length).toBe(1);
  });
});

describe("a token", () => {
  const expired = { code: "token_expired", message: "old" } as const;

  /** A client whose tokens are counted, which watches and is present. */
  async function known() {
    const world = new HttpWorld();
    let count = 0;
    const client = world.client({ token: async () => `token ${(count += 1)}` });
    const board = boardOf(client);
    board.onChange(() => {});
    board.heartbeat(ann);
    await run(50);
    world.told?.say(snapshot([]));
    await run(6_000);
    world.helpful = false;
    const states: string[] = [];
    client.onStatus(({ state }) => states.push(state));
    return { world, client, board, states };
  }
  const tokenOf = (asked: { headers: Readonly<Record<string, string>> }) => asked.headers["authorization"];

  test("that has expired is replaced, and what it was refused for is said again", async () => {
    const { world, board, states } = await known();
    const done = board.update({ x: 2 });
    await run();
    world.last("heartbeat").refuse(expired, 401);
    world.helpful = true;
    await run();
    expect(await done).toMatchObject({ change: "updated" });
    expect(world.last("heartbeat").body).toMatchObject({ value: { ...ann, x: 2 } });
    expect([world.last("heartbeat"), world.last("/changes")].map(tokenOf)).toEqual(Array(2).fill("Bearer token 2"));
    expect(states).toEqual([]);
  });

  test("that has expired when the stream ends is replaced, and nobody notices", async () => {
    const { world, board, states } = await known();
    world.told?.end();
    await run();
    world.last("/changes").refuse(expired, 401);
    world.helpful = true;
    await run();
    expect(tokenOf(world.last("/changes"))).toBe("Bearer token 2");
    expect(board.value().error).toBeNull();
    expect(states).toEqual([]);
  });

  test("that has expired when somebody leaves holds nobody up", async () => {
    const { world, board } = await known();
    const done = board.leave();
    await run();
    world.last("leave").refuse(expired, 401);
    world.helpful = true;
    await run();
    expect(await done).toBe(true);
    expect(world.all("leave").map(tokenOf)).toEqual(["Bearer token 1", "Bearer token 2"]);
  });

  test("for which there is no other one in time is a connection lost", async () => {
    const { world, client, board } = await known();
    world.helpful = true;
    world.help = (asked) => asked.refuse(expired, 401);
    board.update({ x: 2 });
    await run(5_000);
    expect(client.status).toMatchObject({ state: "stale", error: { code: "token_expired" } });
  });

  test("of another user takes a session of its own, and the one before leaves as who it was", async () => {
    const { world, client } = await known();
    const { help } = world;
    world.helpful = true;
    world.help = (asked) => {
      const theirs = tokenOf(asked) === "Bearer theirs" && asked.headers["presence-session"] === SESSION_KEY;
      if (theirs && asked.route.endsWith("heartbeat")) asked.refuse({ code: "session_taken", message: "no" }, 409);
      else help.call(world, asked);
    };
    world.key = "ffeeddccbbaa99887766554433221100";
    void client.renew("theirs");
    await run(1_000);
    expect(tokenOf(world.last("leave"))).toBe("Bearer token 1");
    expect(world.last("heartbeat").headers).toMatchObject({ "presence-session": world.key, authorization: "Bearer theirs" });
    expect(client.status.error).toBeNull();
  });
});
