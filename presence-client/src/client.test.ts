/** What a client says and shows; the test is the server. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cursor, typing } from "../../generated/index.js";
import { ME, World, entry } from "../tests/fakes.js";
import type { PresenceClient, Status } from "./index.js";
import type { Changes, ClientMessage, Snapshot } from "./wire.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const TOPIC = "boards:42:cursors";
const ann = { x: 1, y: 2, label: "Ann" };
const shown = { ...ann, tool: "pointer", typing: false };

const run = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const boardOf = (client: PresenceClient) => client.topic(cursor, { board: "42" });

const base = { topic: TOPIC, nowMs: 100, counts: { members: 0, users: 0 } };
const snapshot = (entries: Snapshot["entries"], at = "e.1"): Snapshot => ({
  ...base,
  type: "snapshot",
  at,
  entries,
});
const changes = (more: Partial<Changes>): Changes => ({ ...base, type: "changes", at: "e.2", ...more });
const mine = (value: unknown) => entry("me", value, { member: ME });

/** A client that watches a board of two others. */
async function watching() {
  const world = new World();
  const client = world.client();
  const board = boardOf(client);
  const log: string[] = [];
  board.onJoin((it) => log.push(`join ${it.user}`));
  board.onUpdate((it, before) => log.push(`update ${it.user} ${before.value.x}→${it.value.x}`));
  board.onLeave((it, reason) => log.push(`leave ${it.user} ${reason}`));
  await run();
  world.socket.say(snapshot([entry("bob", { ...shown, x: 5 }), entry("cid", { ...shown, x: 6 })]));
  await run();
  return { world, client, board, log };
}

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

describe("watching", () => {
  test("a snapshot is the view, and changes are events", async () => {
    const { world, board, log } = await watching();
    expect(board.value().status).toBe("live");
    expect(board.value().others.map((it) => it.value.x)).toEqual([5, 6]);
    world.socket.say(
      changes({
        left: [{ member: "cid.session", reason: "left" }],
        joined: [entry("dan", shown)],
        updated: [{ member: "bob.session", value: { ...shown, x: 7 } }],
      }),
    );
    await run();
    expect(log).toEqual(["join bob", "join cid", "leave cid left", "join dan", "update bob 5→7"]);
  });

  test("what was on its way to an earlier subscription is not taken for the next one's", async () => {
    const world = new World();
    const board = boardOf(world.client());
    const stop = board.onChange(() => {});
    await run();
    world.socket.say(snapshot([entry("bob", shown)], "e.5"));
    await run();
    stop();
    await run(10);
    world.answering = false;
    board.onChange(() => {});
    await run();
    const again = world.socket.all("subscribe").at(-1);
    expect(again).toMatchObject({ since: "e.5" });
    world.socket.say(changes({ joined: [entry("dan", shown)], at: "e.6" }));
    world.answer(world.socket, again as ClientMessage);
    // Dan joined and left between the two: the net changes since e.5 do not mention it.
    world.socket.say(changes({ at: "e.7" }));
    await run();
    expect(board.value().others.map((it) => it.user)).toEqual(["bob"]);
    expect(board.value().status).toBe("live");
  });

  test("handlers are called once for all that happens together", async () => {
    const { world, board } = await watching();
    const views: number[] = [];
    board.onChange((view) => views.push(view.others.length));
    world.socket.say(changes({ joined: [entry("dan", shown)] }));
    world.socket.say(changes({ joined: [entry("eve", shown)], at: "e.3" }));
    await run();
    expect(views).toEqual([4]);
  });

  test("parts are applied together", async () => {
    const { world, board } = await watching();
    const { at: _, ...part } = changes({ joined: [entry("dan", shown)] });
    world.socket.say({ ...part, more: true });
    await run();
    expect(board.value().others.length).toBe(2);
    world.socket.say(changes({ joined: [entry("eve", shown)] }));
    await run();
    expect(board.value().others.map((it) => it.user)).toEqual(["bob", "cid", "dan", "eve"]);
  });

  test("what a handler throws is reported and hurts no other", async () => {
    const { world, board, log } = await watching();
    const broken = new Error("broken");
    board.onJoin(() => {
      throw broken;
    });
    board.onJoin((it) => log.push(`and ${it.user}`));
    world.socket.say(changes({ joined: [entry("dan", shown), entry("eve", shown)] }));
    await run();
    expect(log.slice(2)).toEqual(["join dan", "and dan", "join eve", "and eve"]);
    expect(world.reported).toEqual([broken, broken]);
  });

  test("the last handler gone ends the subscription after a tick, a new one within it keeps it", async () => {
    const world = new World();
    const board = boardOf(world.client());
    const stop = board.onChange(() => {});
    await run();
    stop();
    const again = board.onChange(() => {});
    await run(10);
    expect(world.socket.all("unsubscribe")).toEqual([]);
    again();
    again();
    await run(10);
    expect(world.socket.all("unsubscribe")).toMatchObject([{ topic: TOPIC }]);
  });

  test("a subscription taken up again goes on from where it was", async () => {
    const world = new World();
    const board = boardOf(world.client());
    const stop = board.onChange(() => {});
    await run();
    world.socket.say(snapshot([entry("bob", shown)], "e.41"));
    stop();
    await run(10);
    expect(board.value().status).toBe("stale");
    board.onChange(() => {});
    await run();
    expect(world.socket.all("subscribe").at(-1)).toMatchObject({ since: "e.41" });
  });

  test("the echo of an older own value is not shown, that of a settled one is", async () => {
    const { world, board } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    const joined = changes({ joined: [mine({ ...shown, label: "Ann!" })] });
    world.socket.say(joined);
    await run(60);
    expect(board.value().self?.value.label).toBe("Ann!");

    world.answering = false;
    board.update({ x: 2 });
    world.socket.say(changes({ updated: [{ member: ME, value: { ...shown, x: 1.5 } }] }));
    await run();
    expect(board.value().self?.value).toEqual({ ...shown, x: 2 });
    expect(board.value().others.length).toBe(2);
  });

  test("what only the server sets stays while the own value changes", async () => {
    const { world, board } = await watching();
    board.heartbeat(ann);
    await run(60);
    world.socket.say(changes({ joined: [mine({ ...shown, role: "host" })], at: "e.3" }));
    await run(60);
    board.update({ x: 9 });
    expect(board.value().self?.value).toEqual({ ...shown, x: 9, role: "host" });
    await run(60);
    expect(world.socket.all("heartbeat").at(-1)?.value).toEqual({ ...ann, x: 9 });
  });

  test("news of others bring back no older own value", async () => {
    const { world, board } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    world.socket.say(changes({ joined: [mine(shown)] }));
    await run(60);
    // The server does not echo what this connection says alone.
    await Promise.all([board.update({ x: 9 }), run()]);
    world.socket.say(changes({ updated: [{ member: "bob.session", value: { ...shown, x: 7 } }] }));
    await run();
    expect(board.value().self?.value).toEqual({ ...shown, x: 9 });
  });

  test("a refused subscription is reported and closes the topic, not the client", async () => {
    const world = new World();
    const client = world.client();
    boardOf(client).heartbeat(ann);
    await run();
    world.answering = false;
    boardOf(client).onChange(() => {});
    world.socket.say({ type: "error", id: 2, error: { code: "forbidden", message: "not you" } });
    await run();
    expect(boardOf(client).value().status).toBe("closed");
    expect(client.status.state).toBe("live");
    expect(world.reported).toMatchObject([{ code: "forbidden" }]);
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

  test("a new epoch is a snapshot, told as the difference", async () => {
    const { world, board, log } = await watching();
    world.socket.end(1012);
    await run(500);
    world.socket.say(snapshot([entry("cid", { ...shown, x: 6 }), entry("dan", shown)], "f.3"));
    await run();
    expect(log.slice(2)).toEqual(["leave bob unseen", "join dan"]);
    expect(board.value().others.map((it) => it.user)).toEqual(["cid", "dan"]);
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
});

describe("the page", () => {
  test("leaves a little later at its end, and a return with a larger n stays", async () => {
    const world = new World();
    const client = world.client();
    const board = boardOf(client);
    await Promise.all([board.heartbeat(ann), run()]);
    world.page.turn("end");
    const session = world.socket.all("hello")[0]?.session;
    expect(world.posted).toEqual([
      {
        url: `https://example.org/presence/${TOPIC}/leave`,
        body: { session, n: 2, afterMs: 2_000 },
      },
    ]);
    // A page that holds a connection is not kept to be returned to.
    expect(world.socket.closed).toBe(true);
    expect(client.status).toMatchObject({ state: "stale", retryAt: null });
    await run(600_000);
    expect(world.sockets.length).toBe(1);
    world.page.turn("return");
    await run();
    expect(world.socket.all("heartbeat").at(-1)).toMatchObject({ value: ann, n: 3 });
    expect(client.status.state).toBe("live");
  });

  test("says nothing more after its goodbye, although it is hidden last", async () => {
    const world = new World();
    await Promise.all([boardOf(world.client()).heartbeat(ann), run()]);
    const said = world.socket.sent.length;
    world.page.turn("end");
    world.page.turn("hide");
    await run(2_000);
    expect(world.socket.sent.slice(said)).toEqual([]);
  });

  test("after a reload it is the same session, and its n is larger", async () => {
    const world = new World();
    await Promise.all([boardOf(world.client()).heartbeat(ann), run()]);
    world.page.turn("end");
    await Promise.all([boardOf(world.client()).heartbeat(ann), run()]);
    const [before, after] = world.sockets;
    expect(after?.all("hello")[0]?.session).toBe(before?.all("hello")[0]?.session);
    expect(after?.all("heartbeat")[0]?.n).toBeGreaterThan(2);
  });

  test("hidden is away, and values that wait go out before", async () => {
    const world = new World();
    const board = boardOf(world.client());
    await Promise.all([board.heartbeat(ann), run()]);
    board.update({ x: 8 });
    world.page.turn("hide");
    expect(world.socket.sent.slice(-2)).toEqual([
      expect.objectContaining({ type: "heartbeat", value: { ...ann, x: 8 } }),
      { type: "activity", activity: "away", hidden: true, n: 3 },
    ]);
    expect(board.value().self?.activity).toBe("away");
    world.page.turn("show");
    expect(world.socket.all("activity").at(1)).toMatchObject({ activity: "active", hidden: false });
    await run(60);
    board.update({ x: 9 });
    expect(world.socket.all("heartbeat").at(-1)?.n).toBe(5);
  });

  test("announced while hidden, one is away from the beginning", async () => {
    const world = new World();
    world.page.hidden = true;
    await Promise.all([boardOf(world.client()).heartbeat(ann), run()]);
    expect(world.socket.all("heartbeat")[0]).toMatchObject({ activity: "away", hidden: true });
  });

  test("nobody touches it, so one is idle, and active again with the first touch", async () => {
    const { world, board } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    await run(60_000);
    expect(board.value().self?.activity).toBe("idle");
    world.page.turn("input");
    world.page.turn("input");
    const told = world.socket.all("activity").filter((it) => it.id === undefined);
    expect(told.map((it) => it.activity)).toEqual(["idle", "active"]);
  });

  test("looked at again, a socket that has long been silent is asked", async () => {
    const { world } = await watching();
    await run(5_000);
    world.page.turn("show");
    expect(world.socket.all("activity")).toEqual([]);
    await run(1);
    world.page.turn("show");
    expect(world.socket.all("activity")).toMatchObject([{ id: expect.any(Number) }]);
  });

  test("the network is back, so nobody waits any longer", async () => {
    const { world } = await watching();
    world.socket.end(1006);
    await run(1);
    world.page.turn("online");
    expect(world.sockets.length).toBe(2);
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
