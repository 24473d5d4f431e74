/** The life of a client's token; the test is the server, and who gives out tokens. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cursor } from "../../generated/index.js";
import { World } from "../tests/fakes.js";
import { PresenceError } from "./index.js";
import type { ClientOptions } from "./index.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ann = { x: 1, y: 2, label: "Ann" };
const run = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

/** Gives out `t1`, `t2`, …, and fails as often as it is told to. */
class Login {
  given = 0;
  failures: unknown[] = [];
  readonly token = async () => {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.given += 1;
    return `t${this.given}`;
  };
}

/** A client that watches a board and is present there, and what it was told of errors. */
async function present(token: ClientOptions["token"], world = new World()) {
  const errors: (PresenceError & { topic?: string })[] = [];
  const client = world.client({
    ...(token === undefined ? {} : { token }),
    onError: (error, topic) => errors.push(Object.assign(error, topic === undefined ? {} : { topic })),
  });
  const board = client.topic(cursor, { board: "42" });
  board.onChange(() => {});
  await Promise.all([board.heartbeat(ann), run()]);
  return { world, client, board, errors };
}

const shown = (world: World) => world.socket.all("token").map((it) => it.token);
const greeted = (world: World) => world.sockets.map((it) => it.all("hello")[0]?.token);
const expiring = { type: "expiring", expiresInMs: 30_000 } as const;
const unavailable = { code: "unavailable", message: "try again" } as const;
const expired = { code: "token_expired", message: "the token has expired" } as const;

test("a token may be there at once", async () => {
  let given = 0;
  const { world } = await present(() => `t${(given += 1)}`);
  world.socket.say(expiring);
  await run(60_000);
  expect([greeted(world), shown(world)]).toEqual([["t1"], ["t2"]]);
});

describe("a token that expires", () => {
  test("is replaced on the live connection, and nobody is announced anew", async () => {
    const login = new Login();
    const { world, client, errors } = await present(login.token);
    world.socket.say(expiring);
    await run(60_000);
    expect(shown(world)).toEqual(["t2"]);
    expect(world.sockets.length).toBe(1);
    expect(world.socket.all("heartbeat").length).toBe(1);
    expect(world.socket.all("subscribe").length).toBe(1);
    expect([client.status.state, errors]).toEqual(["syncing", []]);
    // The next one expires as well.
    world.socket.say(expiring);
    await run();
    expect(shown(world)).toEqual(["t2", "t3"]);
  });

  test("is asked for again, ever later, while none can be had or the server takes none", async () => {
    const login = new Login();
    const { world, errors } = await present(login.token);
    login.failures = [new Error("offline"), new Error("offline")];
    const refusals = [unavailable, expired];
    world.refuses = ({ type }) => (type === "token" ? refusals.shift() : undefined);
    world.socket.say(expiring);
    world.socket.say(expiring);
    await run();
    expect(shown(world)).toEqual([]);
    for (const [waitMs, tokens] of [[500, []], [1_000, ["t2"]], [2_000, ["t2", "t3"]]] as const) {
      await run(waitMs - 1);
      const before = shown(world).length;
      await run(1);
      expect(shown(world)).toEqual(tokens);
      expect(before).toBe(Math.max(0, tokens.length - 1));
    }
    await run(4_000);
    expect(shown(world)).toEqual(["t2", "t3", "t4"]);
    await run(60_000);
    expect(shown(world).length).toBe(3);
    // Told once, not for every attempt.
    expect(errors.map((it) => it.message)).toEqual(["no token could be had: offline"]);
  });

  test("is not tried again on a connection that came after", async () => {
    const login = new Login();
    const { world } = await present(login.token);
    login.failures = [new Error("offline")];
    world.socket.say(expiring);
    await run();
    world.socket.end(1006);
    await run(60_000);
    expect(greeted(world)).toEqual(["t1", "t2"]);
    expect(shown(world)).toEqual([]);
  });

  test("and is a plain text is told of, for nothing can be done about it", async () => {
    const { world, errors } = await present("fixed");
    world.socket.say(expiring);
    await run(60_000);
    expect(shown(world)).toEqual([]);
    expect(errors).toMatchObject([{ code: "token_expired", retryable: false }]);
    expect(errors[0]?.message).toContain("30 s");
  });

  test("while there is no handler is reported", async () => {
    const world = new World();
    world.client({ token: "fixed" }).topic(cursor, { board: "42" }).onChange(() => {});
    await run();
    world.socket.say(expiring);
    expect(world.reported).toMatchObject([{ code: "token_expired" }]);
  });
});

describe("a token that has expired", () => {
  test("is replaced on a new connection at once, where everything is said again", async () => {
    const login = new Login();
    const { world, client, board } = await present(login.token);
    world.socket.end(4010);
    expect(client.status).toMatchObject({ state: "stale", error: { code: "token_expired" } });
    await run();
    expect(greeted(world)).toEqual(["t1", "t2"]);
    expect(world.socket.all("heartbeat")).toMatchObject([{ value: ann }]);
    expect(world.socket.all("subscribe").length).toBe(1);
    expect(board.value().self?.value).toMatchObject(ann);
  });

  test("again and again is no reason to hurry", async () => {
    const login = new Login();
    const { world } = await present(login.token);
    world.refuses = ({ type }) => (type === "hello" ? expired : undefined);
    world.socket.end(4010);
    await run();
    expect(world.sockets.length).toBe(2);
    for (const wait of [1_000, 2_000, 4_000]) {
      const before = world.sockets.length;
      world.socket.end(4010);
      await run(wait - 1);
      expect(world.sockets.length).toBe(before);
      await run(1);
      expect(world.sockets.length).toBe(before + 1);
    }
    world.refuses = () => undefined;
    world.socket.end(4010);
    await run(8_000);
    expect(greeted(world).at(-1)).toBe("t6");
  });

  test("and is a plain text closes the client", async () => {
    const { world, client, board } = await present("fixed");
    world.socket.end(4010);
    await run(60_000);
    expect(world.sockets.length).toBe(1);
    expect(client.status).toMatchObject({ state: "closed", error: { code: "token_expired" } });
    await expect(board.heartbeat(ann)).rejects.toMatchObject({ code: "token_expired" });
    await expect(client.renew("other")).rejects.toMatchObject({ code: "token_expired" });
  });
});

describe("no token", () => {
  const nobody = new PresenceError({ code: "unauthenticated", message: "nobody is logged in" });

  test("at all, as the application says, closes the client", async () => {
    const world = new World();
    const client = world.client({ token: () => Promise.reject(nobody) });
    client.topic(cursor, { board: "42" }).onChange(() => {});
    await run(60_000);
    expect(world.sockets.length).toBe(1);
    expect(world.socket.sent).toEqual([]);
    expect(client.status).toMatchObject({ state: "closed", error: nobody });
  });

  test("any more closes the client, too", async () => {
    const login = new Login();
    const { world, client } = await present(login.token);
    login.failures = [nobody];
    world.socket.say(expiring);
    await run();
    expect(client.status).toMatchObject({ state: "closed", error: nobody });
    expect(world.socket.closed).toBe(true);
  });

  test("that the application calls retryable is asked for again", async () => {
    const login = new Login();
    login.failures = [new PresenceError({ code: "unavailable", message: "later", retryAfterMs: 1_000 })];
    const world = new World();
    const client = world.client({ token: login.token });
    client.topic(cursor, { board: "42" }).onChange(() => {});
    await run();
    expect(client.status.error).toMatchObject({ code: "unavailable" });
    await run(500);
    expect(greeted(world)).toEqual([undefined, "t1"]);
  });
});

describe("what the server says of a greeting", () => {
  test.each([
    [4501, "unauthenticated", "closed"],
    [4503, "forbidden", "closed"],
    [1013, "unavailable", "connecting"],
  ] as const)("code %i is %s: %s", async (close, code, state) => {
    const world = new World();
    world.refuses = ({ type }) => (type === "hello" ? { code, message: "so it is" } : undefined);
    const client = world.client({ token: "t" });
    client.topic(cursor, { board: "42" }).onChange(() => {});
    await run();
    world.socket.end(close);
    expect(client.status).toMatchObject({ state, error: { code, message: "so it is" } });
    world.refuses = () => undefined;
    await run(60_000);
    expect(world.sockets.length).toBe(state === "closed" ? 1 : 2);
  });

  test("revoked on a live connection, it is over", async () => {
    const { world, client, board } = await present("t");
    world.socket.end(4501);
    await run(60_000);
    expect(world.sockets.length).toBe(1);
    expect(client.status).toMatchObject({ state: "closed", error: { code: "unauthenticated" } });
    expect(board.value()).toMatchObject({ self: null, status: "closed", error: { code: "unauthenticated" } });
  });
});

describe("renewing by hand", () => {
  test("shows another token now, and resolves once it is taken", async () => {
    const login = new Login();
    const { world, client } = await present(login.token);
    await Promise.all([client.renew(), run()]);
    expect(shown(world)).toEqual(["t2"]);
    await Promise.all([client.renew("by hand"), run()]);
    expect(shown(world)).toEqual(["t2", "by hand"]);
    world.socket.end(1006);
    await run(60_000);
    expect(greeted(world)).toEqual(["t1", "by hand"]);
  });

  test("that is refused changes nothing", async () => {
    const { world, client, errors } = await present("t");
    const wrong = { code: "unauthenticated", message: "the signature is wrong" } as const;
    world.refuses = ({ type }) => (type === "token" ? wrong : undefined);
    await Promise.all([expect(client.renew("x")).rejects.toMatchObject(wrong), run()]);
    await run(60_000);
    expect([world.sockets.length, shown(world).length, errors]).toEqual([1, 1, []]);
    expect(client.status.state).toBe("syncing");
  });

  test("without a connection it is shown with the next greeting", async () => {
    const { world, client } = await present("t");
    world.socket.end(1006);
    const done = client.renew("u");
    await Promise.all([done, run(60_000)]);
    expect(greeted(world)).toEqual(["t", "u"]);
  });
});

test("a page that ends says who it is", async () => {
  const { world } = await present(new Login().token);
  world.page.turn("end");
  expect(world.posted).toMatchObject([{ token: "t1", body: { afterMs: 2_000 } }]);
});
