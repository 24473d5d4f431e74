/** What a client makes of tokens and permissions through the real application of `examples/axum-app`. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cursor, status } from "../../generated/index.js";
import { PresenceError } from "../src/index.js";
import type { PresenceClient } from "../src/index.js";
import { FakeStorage } from "./fakes.js";
import { APP, clientOf, startApp } from "./server.js";
import type { Server } from "./server.js";

if (APP === undefined) {
  console.warn("SKIPPED: tests of access need PRESENCE_APP, the path of `axum-app`");
}

const here = { x: 1, y: 2, label: "Somebody" };
/** Over HTTP some things are found out at the next heartbeat, or when nothing was heard for twice as long. */
const PATIENCE = { timeout: 30_000 };

/** Somebody who is logged in. */
class Person {
  tokens = 0;
  readonly #server: Server;
  readonly #cookie: string;

  private constructor(server: Server, cookie: string) {
    this.#server = server;
    this.#cookie = cookie;
  }

  static async logIn(server: Server, user: string): Promise<Person> {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ user });
    const response = await fetch(new URL("/login", server.url), { method: "POST", headers, body });
    return new Person(server, response.headers.get("set-cookie")?.split(";")[0] ?? "");
  }

  async post(path: string, body: unknown): Promise<Response> {
    const headers = { "content-type": "application/json", cookie: this.#cookie };
    return await fetch(new URL(path, this.#server.url), { method: "POST", headers, body: JSON.stringify(body) });
  }

  readonly token = async (): Promise<string> => {
    const response = await this.post("/token", {});
    if (response.status === 401) throw new PresenceError({ code: "unauthenticated", message: "nobody is logged in" });
    this.tokens += 1;
    return ((await response.json()) as { token: string }).token;
  };

  /** Waits until so many tokens were had. */
  async had(tokens: number): Promise<void> {
    await vi.waitFor(() => expect(this.tokens).toBeGreaterThanOrEqual(tokens), PATIENCE);
  }
}

describe.skipIf(APP === undefined).each(["websocket", "sse"] as const)("with an application that knows its people, by %s", (transport) => {
  let server: Server;
  const clients: PresenceClient[] = [];

  beforeEach(async () => {
    server = await startApp(3);
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await server.stop();
  });

  function enter(options: Parameters<typeof clientOf>[1]) {
    const client = clientOf(server, { transport, ...options });
    clients.push(client);
    return { client, board: client.topic(cursor, { board: "roadmap" }) };
  }

  const live = (board: ReturnType<typeof enter>["board"]) =>
    vi.waitFor(() => expect(board.value().status).toBe("live"), PATIENCE);
  const appoint = (owner: Person, user: string, role: string | null) =>
    owner.post("/boards/roadmap/roles", { user, role });

  test("a token is renewed again and again on one connection, and nobody notices", async () => {
    const [ann, bob] = [await Person.logIn(server, "ann"), await Person.logIn(server, "bob")];
    const [a, b] = [enter({ token: ann.token }), enter({ token: bob.token })];
    const log: string[] = [];
    a.board.onJoin((it) => log.push(`join ${it.user}`));
    a.board.onLeave((it) => log.push(`leave ${it.user}`));
    b.board.onChange(() => {});
    await b.board.heartbeat(here);
    await live(b.board);
    const since = b.client.status.since;
    await bob.had(4);
    expect(b.client.status).toMatchObject({ state: "live", since, error: null });
    expect(log.filter((it) => it.endsWith("bob"))).toEqual(["join bob"]);
  }, 20_000);

  test("a token that cannot be renewed in time is replaced by a new connection at once", async () => {
    const bob = await Person.logIn(server, "bob");
    let offline = false;
    const { client, board } = enter({
      onError: () => {},
      token: async () => {
        if (offline) throw new Error("offline");
        return await bob.token();
      },
    });
    board.onChange(() => {});
    await board.heartbeat(here);
    const codes = new Set<string | undefined>();
    client.onStatus(({ error }) => codes.add(error?.code));
    offline = true;
    await vi.waitFor(() => expect([...codes]).toContain("unavailable"), PATIENCE);
    expect([...codes]).toContain("token_expired");
    offline = false;
    await vi.waitFor(() => expect(client.status.state).toBe("live"), PATIENCE);
    expect(board.value().self).not.toBe(null);
  }, 30_000);

  test("who has a plain text for a token is told, and closed when it is over", async () => {
    const bob = await Person.logIn(server, "bob");
    const errors: string[] = [];
    const { client, board } = enter({ token: await bob.token(), onError: ({ code }) => errors.push(code) });
    await board.heartbeat(here);
    await vi.waitFor(() => expect(client.status.state).toBe("closed"), PATIENCE);
    // Over HTTP nobody says before that it is about to be.
    if (transport === "websocket") expect(errors).toEqual(["token_expired"]);
    expect(client.status.error?.code).toBe("token_expired");
  }, 20_000);

  test("who is logged out is closed for good", async () => {
    const bob = await Person.logIn(server, "bob");
    const { client, board } = enter({ token: bob.token });
    await board.heartbeat(here);
    expect((await bob.post("/logout", {})).status).toBe(204);
    await vi.waitFor(() => expect(client.status.state).toBe("closed"), PATIENCE);
    expect(client.status.error?.code).toBe("unauthenticated");
  }, 20_000);

  test("roles end presence and sight, and give them back", async () => {
    const [ann, bob] = [await Person.logIn(server, "ann"), await Person.logIn(server, "bob")];
    const { board } = enter({ token: bob.token, onError: () => {} });
    board.onChange(() => {});
    await board.heartbeat(here);
    await live(board);

    await appoint(ann, "bob", "viewer");
    await vi.waitFor(() => expect(board.value().self).toBe(null), PATIENCE);
    await expect(board.heartbeat(here)).rejects.toMatchObject({ code: "forbidden" });
    expect(board.value()).toMatchObject({ status: "live", error: { code: "forbidden" } });
    expect(board.value().users.map(({ user }) => user)).toEqual(["bot"]);

    await appoint(ann, "bob", null);
    await vi.waitFor(() => expect(board.value().status).toBe("closed"), PATIENCE);
    expect(board.value()).toMatchObject({ error: { code: "forbidden" }, members: [] });

    // The next token is all it takes.
    await appoint(ann, "bob", "editor");
    await live(board);
    await board.heartbeat(here);
    expect(board.value()).toMatchObject({ error: null, self: { user: "bob" } });
  }, 60_000);

  test("what is not for one is refused in the same words, whether it exists or not", async () => {
    const bob = await Person.logIn(server, "bob");
    const { client } = enter({ token: bob.token, onError: () => {} });
    const errors = ["payroll", "nowhere"].map(async (board) => {
      const topic = client.topic(cursor, { board });
      topic.onChange(() => {});
      await vi.waitFor(() => expect(topic.value().status).toBe("closed"), PATIENCE);
      return topic.value().error?.message;
    });
    const [exists, not] = await Promise.all(errors);
    expect(exists).toBe(not);
    // Types without a rule are for nobody.
    const other = client.topic(status, { room: "1" }).heartbeat({ availability: { state: "available" } });
    await expect(other).rejects.toMatchObject({ code: "forbidden", message: exists });
  });

  test("one user's tabs are folded, and closing one leaves the other", async () => {
    const [ann, bob] = [await Person.logIn(server, "ann"), await Person.logIn(server, "bob")];
    const { board } = enter({ token: ann.token });
    board.onChange(() => {});
    const [one, two] = [enter({ token: bob.token }), enter({ token: bob.token })];
    await Promise.all([one.board.heartbeat(here), two.board.heartbeat(here)]);
    const tabs = () => board.value().users.find(({ user }) => user === "bob")?.members.length;
    await vi.waitFor(() => expect(tabs()).toBe(2), PATIENCE);
    expect(board.value().counts).toEqual({ members: 3, users: 2 });
    one.client.close();
    await vi.waitFor(() => expect(tabs()).toBe(1), PATIENCE);
    expect(board.value().counts).toEqual({ members: 2, users: 2 });
  });

  test("another user in the same tab is somebody else, in a session of their own", async () => {
    const [ann, bob] = [await Person.logIn(server, "ann"), await Person.logIn(server, "bob")];
    const storage = new FakeStorage();
    const watching = enter({ token: ann.token });
    const users = () => watching.board.value().users.map(({ user }) => user);
    watching.board.onChange(() => {});
    const { client, board } = enter({ token: ann.token, session: storage });
    await board.heartbeat(here);
    await vi.waitFor(() => expect(users()).toEqual(["bot", "ann"]), PATIENCE);
    const before = [...storage.items.values()][0]?.split(" ")[0];

    await client.renew(bob.token);
    await vi.waitFor(() => expect(users()).toEqual(["bot", "bob"]), PATIENCE);
    await vi.waitFor(() => expect(board.value().self?.user).toBe("bob"), PATIENCE);
    expect(before).toMatch(/^[0-9a-f]{32}$/);
  }, 20_000);

  test("a session that the user before has not left yet is given up for a new one", async () => {
    const [ann, bob] = [await Person.logIn(server, "ann"), await Person.logIn(server, "bob")];
    const storage = new FakeStorage();
    const key = () => [...storage.items.values()][0]?.split(" ")[0];
    const first = enter({ token: ann.token, session: storage });
    await first.board.heartbeat(here);
    const before = key();
    // The page's storage in another user's hands, while the first is still there.
    const second = enter({ token: bob.token, session: storage });
    const ack = await second.board.heartbeat(here);
    expect(ack.member).toMatch(/^bob\./);
    expect(key()).not.toBe(before);
  });
});
