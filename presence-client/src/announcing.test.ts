/** What a client says of its own member; the test is the server. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { typing } from "../../generated/index.js";
import { TOPIC, ann, boardOf, run, shown } from "../tests/board.js";
import { ME, World } from "../tests/fakes.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("announcing", () => {
  test("of many values the first and the last go out, and all who wait are answered", async () => {
    const world = new World();
    const board = boardOf(world.client());
    await Promise.all([board.heartbeat(ann), run()]);
    await run(50);
    const acks = [10, 11, 12, 13].map((x) => board.update({ x }));
    await run(50);
    const sent = world.socket.all("heartbeat").map((it) => (it.value as { x: number }).x);
    expect(sent).toEqual([1, 10, 13]);
    expect(await Promise.all(acks)).toEqual(Array(4).fill(expect.objectContaining({ member: ME })));
  });

  test("n only grows", async () => {
    const world = new World();
    const board = boardOf(world.client());
    board.heartbeat(ann);
    await run(60);
    board.update({ x: 2 });
    await run(60);
    board.leave();
    board.heartbeat(ann);
    await run(60);
    const order = world.socket.sent.flatMap((it) => ("n" in it ? [it.n] : []));
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test("the own value is shown at once, with its defaults, and stays the same object", async () => {
    const board = boardOf(new World().client());
    board.heartbeat(ann);
    const { self, members, counts } = board.value();
    expect(self?.value).toEqual(shown);
    expect(members).toEqual([self]);
    expect(counts).toEqual({ members: 1, users: 1 });
    expect(board.value()).toBe(board.value());
    board.update({ x: 9 });
    expect(board.value().self?.value.x).toBe(9);
  });

  test("update needs a first value, and an invalid value is thrown at once", () => {
    const board = boardOf(new World().client());
    expect(() => board.update({ x: 1 })).toThrow(expect.objectContaining({ code: "not_present" }));
    const wrong = () => board.heartbeat({ ...ann, x: Number.POSITIVE_INFINITY });
    expect(wrong).toThrow(
      expect.objectContaining({ code: "invalid_value", details: [expect.objectContaining({ path: "/x" })] }),
    );
    expect(board.value().self).toBeNull();
  });

  test("the server's verdict rejects, and the last value it took stands", async () => {
    const world = new World();
    const board = boardOf(world.client());
    await Promise.all([board.heartbeat(ann), run(60)]);
    world.answering = false;
    const done = board.update({ x: 2 });
    const details = [{ path: "", rule: "maxBytes", expected: "at most 64 bytes of canonical JSON", found: "65 bytes" }];
    const error = { code: "too_large", message: "the value is too large", details } as const;
    world.socket.say({ type: "error", id: 2, error });
    await expect(done).rejects.toMatchObject({ code: "too_large", retryable: false, details });
    expect(board.value().self?.value.x).toBe(1);
    board.update({ y: 7 });
    await run(60);
    expect(world.socket.all("heartbeat").at(-1)?.value).toEqual({ ...ann, y: 7 });
  });

  test("nobody has to await", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const world = new World();
    world.answering = false;
    const client = world.client();
    boardOf(client).heartbeat(ann);
    client.close();
    await run(10);
    vi.useRealTimers();
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test("what the server cannot take now is sent again later", async () => {
    const world = new World();
    const board = boardOf(world.client());
    await Promise.all([board.heartbeat(ann), run(60)]);
    world.answering = false;
    const done = board.update({ x: 2 });
    const error = { code: "overloaded", message: "later", retryAfterMs: 700 } as const;
    world.socket.say({ type: "error", id: 2, error });
    await expect(done).rejects.toMatchObject({ code: "overloaded", retryable: true });
    await run(700 + 499);
    expect(world.socket.all("heartbeat").length).toBe(2);
    await run(1);
    expect(world.socket.all("heartbeat").at(-1)).toMatchObject({ id: 3, value: { ...ann, x: 2 } });
    // Everybody who is turned away asks less and less often.
    world.socket.say({ type: "error", id: 3, error });
    await run(700 + 999);
    expect(world.socket.all("heartbeat").length).toBe(3);
    await run(1);
    expect(world.socket.all("heartbeat").length).toBe(4);
  });

  test("the throttle is the server's", async () => {
    const world = new World();
    const board = boardOf(world.client());
    world.answering = false;
    board.heartbeat(ann);
    await run();
    world.socket.onopen?.();
    await run();
    world.answer(world.socket, { type: "hello", protocol: 1 });
    const id = world.socket.all("heartbeat")[0]?.id ?? 0;
    const ack = { change: "joined", member: ME, version: 1, heartbeatMs: 10_000, throttleMs: 400 } as const;
    world.socket.say({ type: "ok", id, ...ack });
    board.update({ x: 2 });
    board.update({ x: 3 });
    await run(399);
    expect(world.socket.all("heartbeat").length).toBe(1);
    await run(1);
    expect(world.socket.all("heartbeat").at(-1)?.value).toEqual({ ...ann, x: 3 });
  });
});

describe("decay", () => {
  test("a field falls back by itself, and neither a patch nor a reconnect revives it", async () => {
    const world = new World();
    const board = boardOf(world.client());
    await Promise.all([board.heartbeat({ ...ann, typing: true }), run()]);
    expect(board.value().self?.value.typing).toBe(true);
    await run(2_999);
    expect(board.value().self?.value.typing).toBe(true);
    await run(1);
    expect(board.value().self?.value.typing).toBe(false);
    // The server did the same at the same time: nothing has to be said.
    expect(world.socket.all("heartbeat").length).toBe(1);

    board.update({ x: 5 });
    expect(world.socket.all("heartbeat").at(-1)?.value).toEqual({ ...ann, x: 5 });
    world.socket.end(1006);
    await run(500);
    expect(world.sockets.length).toBe(2);
    expect(world.socket.all("heartbeat").at(-1)?.value).toEqual({ ...ann, x: 5 });
  });

  test("it runs from the call that names the field, whatever is sent later", async () => {
    const world = new World();
    const board = boardOf(world.client());
    await Promise.all([board.heartbeat({ ...ann, typing: true }), run()]);
    await run(2_000);
    board.update({ x: 2 });
    await run(1_000);
    expect(board.value().self?.value.typing).toBe(false);
    // The later message began the server's time anew, so it has to be told.
    expect(world.socket.all("heartbeat").map((it) => it.value)).toEqual([
      { ...ann, typing: true },
      { ...ann, x: 2, typing: true },
      { ...ann, x: 2 },
    ]);
  });

  test("naming it again begins anew", async () => {
    const world = new World();
    const chat = world.client().topic(typing, { chat: 7 });
    await Promise.all([chat.heartbeat({ typing: true }), run()]);
    await run(4_000);
    chat.update({ typing: true });
    await run(4_000);
    expect(chat.value().self?.value).toEqual({ typing: true, reply_to: null });
    await run(1_000);
    expect(chat.value().self?.value).toEqual({ typing: false, reply_to: null });
  });
});

describe("two handles of a topic", () => {
  test("share the value, and the member leaves with the last that announced", async () => {
    const world = new World();
    const client = world.client();
    const [one, two] = [boardOf(client), boardOf(client)];
    one.heartbeat(ann);
    await run(60);
    two.update({ x: 2 });
    await run(60);
    expect(one.value()).toBe(two.value());

    expect(await one.leave()).toBe(false);
    expect(world.socket.all("leave")).toEqual([]);
    expect(two.value().self?.value.x).toBe(2);
    const [left] = await Promise.all([two.leave(), run()]);
    expect(left).toBe(true);
    expect(world.socket.all("leave")).toMatchObject([{ topic: TOPIC }]);
    expect(two.value().self).toBeNull();
  });

  test("leaving one that never announced is nothing", async () => {
    const world = new World();
    const client = world.client();
    boardOf(client).heartbeat(ann);
    await run();
    expect(await boardOf(client).leave()).toBe(false);
    expect(boardOf(client).value().self).not.toBeNull();
  });

  test("leaveAll leaves all topics at once", async () => {
    const world = new World();
    const client = world.client();
    boardOf(client).heartbeat(ann);
    client.topic(typing, { chat: "c" }).heartbeat({});
    await run();
    await Promise.all([client.leaveAll(), run()]);
    expect(world.socket.all("leave").map((it) => it.topic)).toEqual([TOPIC, "chats:c:typing"]);
  });
});
