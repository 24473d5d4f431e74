/** How a client connects, and how it ends; the test is the server. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cursor, typing } from "../../generated/index.js";
import { TOPIC, ann, boardOf, run, watching } from "../tests/board.js";
import { World } from "../tests/fakes.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("connecting", () => {
  test("nothing is connected before a topic is used", async () => {
    const world = new World();
    const client = world.client();
    boardOf(client).value();
    await run(60_000);
    expect(world.sockets).toEqual([]);
    expect(client.status).toMatchObject({ state: "connecting", attempt: 0, retryAt: null });
  });

  test("hello comes first, then the announcement, then the subscription", async () => {
    const world = new World();
    const client = world.client({ token: async () => "secret" });
    const board = boardOf(client);
    board.onChange(() => {});
    board.heartbeat(ann);
    await run();
    const [hello, heartbeat, subscribe] = world.socket.sent;
    expect(Object.keys(hello ?? {})[0]).toBe("type");
    expect(hello).toEqual({
      type: "hello",
      protocol: 1,
      session: expect.stringMatching(/^[0-9a-f]{32}$/),
      token: "secret",
      schemas: { Cursor: { fingerprint: cursor.fingerprint, fields: cursor.fields } },
    });
    expect(heartbeat).toEqual({
      type: "heartbeat",
      id: 1,
      topic: TOPIC,
      value: ann,
      n: 1,
      activity: "active",
      hidden: false,
    });
    expect(subscribe).toEqual({ type: "subscribe", id: 2, topic: TOPIC });
  });

  test("announcing alone opens no subscription", async () => {
    const world = new World();
    await Promise.all([boardOf(world.client()).heartbeat(ann), run()]);
    expect(world.socket.all("subscribe")).toEqual([]);
  });

  test("a refused greeting closes for good and says why", async () => {
    const world = new World();
    world.answering = false;
    const client = world.client();
    const done = boardOf(client).heartbeat(ann);
    await run();
    world.socket.onopen?.();
    await run();
    world.socket.say({ type: "error", error: { code: "unsupported_protocol", message: "no" } });
    world.socket.end(4526);
    await expect(done).rejects.toMatchObject({ code: "unsupported_protocol", retryable: false });
    expect(client.status).toMatchObject({ state: "closed", retryAt: null });
    const later = boardOf(client).heartbeat(ann);
    await expect(later).rejects.toMatchObject({ code: "unsupported_protocol" });
    await run(60_000);
    expect(world.sockets.length).toBe(1);
  });

  test("a token that cannot be had is tried again later", async () => {
    const world = new World();
    let tries = 0;
    const token = async () => {
      tries += 1;
      if (tries === 1) throw new Error("offline");
      return "secret";
    };
    const client = world.client({ token });
    boardOf(client).onChange(() => {});
    await run();
    expect(client.status).toMatchObject({ state: "connecting", attempt: 1 });
    expect(client.status.error?.message).toContain("offline");
    await run(500);
    expect(world.socket.all("hello")).toMatchObject([{ token: "secret" }]);
  });
});

describe("contracts", () => {
  const mismatch = { schema: "Cursor", older: "client", fields: [{ field: "tool", change: "added" }] } as const;

  test("a type that is used later is compared then, each once a connection", async () => {
    const world = new World();
    const client = world.client();
    boardOf(client).onChange(() => {});
    await run();
    const { fingerprint, fields } = typing;
    client.topic(typing, { chat: "1" });
    client.topic(typing, { chat: "2" });
    expect(world.socket.all("schemas")).toEqual([
      { type: "schemas", schemas: { Typing: { fingerprint, fields } } },
    ]);
    world.socket.end(1006);
    await run(60_000);
    expect(world.socket.all("hello")[0]?.schemas).toHaveProperty("Typing");
    expect(world.socket.all("schemas")).toEqual([]);
  });

  test("a type that is used while the greeting is under way is compared after it", async () => {
    const world = new World();
    world.answering = false;
    const client = world.client();
    boardOf(client).onChange(() => {});
    await run();
    world.socket.onopen?.();
    await run();
    client.topic(typing, { chat: "1" });
    world.answer(world.socket, { type: "hello", protocol: 1 });
    expect(world.socket.all("schemas").map((it) => Object.keys(it.schemas))).toEqual([["Typing"]]);
  });

  test("a mismatch is told to who asked for it", async () => {
    const world = new World();
    const onMismatch = vi.fn();
    boardOf(world.client({ onMismatch })).onChange(() => {});
    await run();
    world.socket.say({ type: "mismatch", ...mismatch });
    expect(onMismatch.mock.calls).toEqual([[mismatch]]);
    expect(world.reported).toEqual([]);
  });

  test("else it is reported, naming the older side and the field", async () => {
    const { world } = await watching();
    world.socket.say({ type: "mismatch", ...mismatch });
    const message = "`Cursor`: the client is older: `tool` was added";
    expect(world.reported).toEqual([expect.objectContaining({ code: "schema_mismatch", message })]);
  });
});

describe("closing", () => {
  test("leaves, closes the socket, and is over", async () => {
    const { world, client, board } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    const states: string[] = [];
    client.onStatus((status) => states.push(status.state));
    client.close();
    client.close();
    expect(world.socket.all("leave").length).toBe(1);
    expect(world.socket.closed).toBe(true);
    await run(60_000);
    expect(states).toEqual(["closed"]);
    expect(world.sockets.length).toBe(1);
    expect(board.value()).toMatchObject({ self: null, status: "closed" });
    await expect(board.heartbeat(ann)).rejects.toMatchObject({ code: "closed" });
    expect(board.onChange(() => {})).toBeTypeOf("function");
    await run(60_000);
    expect(world.sockets.length).toBe(1);
  });
});
