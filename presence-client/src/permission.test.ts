/** What a client makes of what it may not do, and of being somebody else; the test is the server. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cursor } from "../../generated/index.js";
import { ME, SESSION, World, entry } from "../tests/fakes.js";
import type { ClientOptions } from "./index.js";
import type { ClientMessage, Snapshot } from "./wire.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const TOPIC = "boards:42:cursors";
const ann = { x: 1, y: 2, label: "Ann" };
const run = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const snapshot = (entries: Snapshot["entries"]): Snapshot => ({
  type: "snapshot",
  topic: TOPIC,
  at: "e.1",
  nowMs: 100,
  counts: { members: 0, users: 0 },
  entries,
});
const forbidden = { code: "forbidden", message: "it is not for you" } as const;
const of = (type: ClientMessage["type"]) => (message: ClientMessage) =>
  message.type === type ? forbidden : undefined;

/** A client that sees Bob on a board. */
async function watching(world = new World()) {
  const errors: Parameters<NonNullable<ClientOptions["onError"]>>[] = [];
  const client = world.client({ token: async () => "t", onError: (...it) => errors.push(it) });
  const board = client.topic(cursor, { board: "42" });
  const log: string[] = [];
  board.onLeave((it, reason) => log.push(`${it.user} ${reason}`));
  await run();
  world.socket.say(snapshot([entry("bob", ann)]));
  await run();
  return { world, client, board, errors, log };
}

describe("a subscription that is ended", () => {
  test("shows nobody any more, says why, and leaves the client alone", async () => {
    const { world, client, board, errors, log } = await watching();
    expect(board.value()).toMatchObject({ status: "live", error: null, counts: { members: 1 } });
    world.socket.say({ type: "ended", topic: TOPIC, error: forbidden });
    await run(60_000);
    expect(board.value()).toMatchObject({ status: "closed", error: forbidden, members: [], users: [] });
    expect(log).toEqual(["bob unseen"]);
    expect(errors).toMatchObject([[forbidden, TOPIC]]);
    expect(world.socket.all("subscribe").length).toBe(1);
    expect([client.status.state, world.reported]).toEqual(["live", []]);
    expect(board.value()).toBe(board.value());
  });

  test("is asked for again, from nothing, once another token was taken", async () => {
    const { world, client, board } = await watching();
    world.socket.say({ type: "ended", topic: TOPIC, error: forbidden });
    await Promise.all([client.renew(), run()]);
    expect(world.socket.all("subscribe").at(-1)).toEqual({ type: "subscribe", id: 3, topic: TOPIC });
    world.socket.say(snapshot([entry("bob", ann)]));
    await run();
    expect(board.value()).toMatchObject({ status: "live", error: null, counts: { members: 1 } });
  });

  test("is asked for again when the application listens again", async () => {
    const { world, board } = await watching();
    world.socket.say({ type: "ended", topic: TOPIC, error: forbidden });
    board.onChange(() => {});
    expect(board.value()).toMatchObject({ status: "syncing", error: null });
    expect(world.socket.all("subscribe").length).toBe(2);
  });

  test("because nobody knows for now is asked for again by itself", async () => {
    const { world, board, errors } = await watching();
    const error = { code: "unavailable", message: "try again" } as const;
    world.socket.say({ type: "ended", topic: TOPIC, error });
    expect(board.value()).toMatchObject({ status: "syncing", counts: { members: 1 } });
    await run(500);
    const since = world.socket.all("subscribe").at(-1);
    expect(since).toEqual({ type: "subscribe", id: 2, topic: TOPIC, since: "e.1" });
    expect(errors).toEqual([]);
  });

  test("before is not this one's end", async () => {
    const { world, board } = await watching();
    world.answering = false;
    world.socket.end(1006);
    await run(60_000);
    world.socket.say({ type: "ended", topic: TOPIC, error: forbidden });
    expect(board.value()).toMatchObject({ status: "stale", error: null });
  });
});

describe("a presence that is refused", () => {
  test("is not shown, and the server is not asked at every move", async () => {
    const { world, board, errors } = await watching();
    world.refuses = of("heartbeat");
    await Promise.all([expect(board.heartbeat(ann)).rejects.toMatchObject(forbidden), run()]);
    // One may look on.
    expect(board.value()).toMatchObject({ self: null, status: "live", error: forbidden });
    await run(499);
    await expect(board.heartbeat(ann)).rejects.toMatchObject({ ...forbidden, retryAfterMs: 1 });
    expect(world.socket.all("heartbeat").length).toBe(1);
    await run(1);
    await Promise.all([expect(board.heartbeat(ann)).rejects.toMatchObject(forbidden), run(50)]);
    expect(world.socket.all("heartbeat").length).toBe(2);
    await run(900);
    await expect(board.heartbeat(ann)).rejects.toMatchObject(forbidden);
    expect(world.socket.all("heartbeat").length).toBe(2);
    world.refuses = () => undefined;
    await run(100);
    await Promise.all([board.heartbeat(ann), run()]);
    expect(board.value()).toMatchObject({ self: { value: ann }, error: null });
    expect(errors).toEqual([]);
  });

  test("after a reconnect, when nobody waits for the answer, is told of", async () => {
    const { world, board, errors } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    world.refuses = of("heartbeat");
    world.socket.end(1006);
    await run(60_000);
    expect(errors).toMatchObject([[forbidden, TOPIC]]);
    expect(board.value().self).toBe(null);
    expect(world.socket.all("heartbeat").length).toBe(1);
  });

  test("may be tried at once after another token", async () => {
    const { world, client, board } = await watching();
    world.refuses = of("heartbeat");
    await Promise.all([expect(board.heartbeat(ann)).rejects.toMatchObject(forbidden), run()]);
    world.refuses = () => undefined;
    await Promise.all([client.renew(), run(50)]);
    expect(board.value().error).toBe(null);
    expect(await Promise.race([board.heartbeat(ann), run(50)])).toMatchObject({ member: ME });
  });

  test("because a rule took it back is kicked, and what comes of it the server knows", async () => {
    const { world, board, log } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    world.refuses = of("heartbeat");
    world.socket.say({ type: "gone", topic: TOPIC, reason: "kicked" });
    await run(60);
    expect(board.value()).toMatchObject({ self: null, status: "closed", error: { code: "kicked" } });
    expect(log).toEqual(["me kicked"]);
    await Promise.all([expect(board.heartbeat(ann)).rejects.toMatchObject(forbidden), run()]);
    expect(board.value()).toMatchObject({ status: "live", error: forbidden });
    await run(60_000);
    world.refuses = () => undefined;
    await Promise.all([board.heartbeat(ann), run()]);
    expect(board.value()).toMatchObject({ status: "live", error: null, self: { value: ann } });
  });

  test("because of a kick lasts, whatever token is shown; because of a rule it does not", async () => {
    const { world, client, board } = await watching();
    const gone = { type: "gone", topic: TOPIC, reason: "kicked" } as const;
    await Promise.all([board.heartbeat(ann), run(60)]);
    world.socket.say(gone);
    await Promise.all([client.renew(), run()]);
    expect(board.value()).toMatchObject({ status: "live", error: null });
    await Promise.all([board.heartbeat(ann), run(60)]);
    world.socket.say(gone);
    const kicked = { code: "kicked", message: "removed", retryAfterMs: 59_000 } as const;
    world.refuses = ({ type }) => (type === "heartbeat" ? kicked : undefined);
    await Promise.all([expect(board.heartbeat(ann)).rejects.toMatchObject(kicked), run(60)]);
    await Promise.all([client.renew(), run()]);
    expect(board.value()).toMatchObject({ status: "closed", error: kicked });
    await run(59_000);
    expect(board.value()).toMatchObject({ status: "live", error: null });
  });

  test("that was given up is no longer an error", async () => {
    const { world, board } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    world.refuses = of("heartbeat");
    await Promise.all([expect(board.update({ x: 5 })).rejects.toMatchObject(forbidden), run(50)]);
    expect(board.value()).toMatchObject({ self: null, error: forbidden });
    expect(() => board.update({ x: 6 })).toThrow(expect.objectContaining({ code: "not_present" }));
  });
});

describe("another user", () => {
  const stamped = { ...ann, tool: "pointer", typing: false, role: "owner" };

  test("after a reconnect announces everything, and has nothing of the one before", async () => {
    const { world, board } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    world.socket.say(snapshot([entry("me", stamped, { member: ME })]));
    await run();
    expect(board.value().self?.value).toEqual(stamped);
    world.user = "eve";
    world.socket.end(1006);
    await run(60_000);
    expect(world.socket.all("heartbeat")).toMatchObject([{ value: ann }]);
    expect(board.value().self).toMatchObject({ user: "eve", member: `eve.${SESSION}` });
    expect(board.value().self?.value).not.toHaveProperty("role");
    // The one before is somebody else until the server says that they left.
    expect(board.value().others).toMatchObject([{ user: "me" }]);
  });

  test("whose token is shown on a live connection gets a connection of their own", async () => {
    const { world, client, board } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    const first = world.socket;
    world.refuses = of("token");
    world.user = "eve";
    await Promise.all([client.renew("eve's"), run()]);
    expect(first.all("leave")).toMatchObject([{ topic: TOPIC }]);
    expect(first.closed).toBe(true);
    expect(world.socket.all("hello")).toMatchObject([{ token: "eve's" }]);
    expect(world.socket.all("heartbeat")).toMatchObject([{ value: ann }]);
    expect(board.value().self?.user).toBe("eve");
  });

  test("whose session is taken takes another one, and says everything there", async () => {
    const world = new World();
    const client = world.client();
    const board = client.topic(cursor, { board: "42" });
    const other = client.topic(cursor, { board: "43" });
    let refused = 2;
    const taken = { code: "session_taken", message: "another user's" } as const;
    world.refuses = ({ type }) => (type === "heartbeat" && refused-- > 0 ? taken : undefined);
    const done = Promise.all([board.heartbeat(ann), other.heartbeat(ann)]);
    await run(60);
    expect(await done).toMatchObject([{ member: ME }, { member: ME }]);
    const keys = world.sockets.map((it) => it.all("hello")[0]?.session);
    expect(new Set(keys).size).toBe(2);
    expect(keys[1]).toMatch(/^[0-9a-f]{32}$/);
    expect([...world.storage.items.values()][0]).toContain(keys[1]);
    expect(world.socket.all("heartbeat").map((it) => it.n)).toEqual([1, 2]);
  });

  test("whose every session is taken is told so", async () => {
    const world = new World();
    const board = world.client().topic(cursor, { board: "42" });
    const taken = { code: "session_taken", message: "another user's" } as const;
    world.refuses = ({ type }) => (type === "heartbeat" ? taken : undefined);
    const done = expect(board.heartbeat(ann)).rejects.toMatchObject(taken);
    await run(10_000);
    await done;
    expect(world.sockets.length).toBe(2);
    expect(board.value()).toMatchObject({ self: null, error: taken });
  });
});
