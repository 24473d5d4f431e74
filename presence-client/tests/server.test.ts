/** What two clients see of each other through the real server. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cursor, selection, typing } from "../../generated/index.js";
import type { LeaveReason, PresenceClient } from "../src/index.js";
import { FakePage, FakeStorage } from "./fakes.js";
import { Network, SERVER, clientOf, startServer } from "./server.js";
import type { Server } from "./server.js";

if (SERVER === undefined) {
  console.warn("SKIPPED: tests against the real server need PRESENCE_SERVER, the path of `live-cursors`");
}

const ann = { x: 1, y: 2, label: "Ann" };
const bob = { x: 3, y: 4, label: "Bob" };

describe.skipIf(SERVER === undefined).each(["websocket", "sse"] as const)("with the real server, by %s", (transport) => {
  let server: Server;
  const clients: PresenceClient[] = [];

  beforeEach(async () => {
    server = await startServer();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await server.stop();
  });

  function enter(options: Parameters<typeof clientOf>[1] = {}): PresenceClient {
    const client = clientOf(server, { transport, ...options });
    clients.push(client);
    return client;
  }

  function boardOf(client: PresenceClient) {
    return client.topic(cursor, { board: "42" });
  }

  const labels = (client: PresenceClient) =>
    boardOf(client)
      .value()
      .others.map((it) => it.value.label);

  test("two see each other, and one sees the other leave", async () => {
    const [a, b] = [enter(), enter()];
    const left: [string, LeaveReason][] = [];
    boardOf(a).onLeave((member, reason) => left.push([member.value.label, reason]));
    const ack = await boardOf(a).heartbeat(ann);
    expect(ack).toMatchObject({ change: "joined", throttleMs: 50 });
    boardOf(b).onChange(() => {});
    const theirs = boardOf(b);
    theirs.heartbeat(bob);

    await vi.waitFor(() => expect(labels(a)).toEqual(["Bob"]));
    await vi.waitFor(() => expect(labels(b)).toEqual(["Ann"]));
    const view = boardOf(a).value();
    expect(view.self).toMatchObject({ member: ack.member, value: ann, activity: "active" });
    expect(view.others[0]?.value).toEqual({ ...bob, tool: "pointer", typing: false });
    expect(view.counts).toEqual({ members: 2, users: 2 });
    expect(view.status).toBe("live");

    expect(await theirs.leave()).toBe(true);
    await vi.waitFor(() => expect(labels(a)).toEqual([]));
    expect(left).toEqual([["Bob", "left"]]);
  });

  test("a latecomer sees everybody at once", async () => {
    await Promise.all([boardOf(enter()).heartbeat(ann), boardOf(enter()).heartbeat(bob)]);
    const late = enter();
    const firsts: string[][] = [];
    boardOf(late).onChange((view) => {
      if (view.status === "live") firsts.push(view.others.map((it) => it.value.label).sort());
    });
    await vi.waitFor(() => expect(firsts.length).toBeGreaterThan(0));
    expect(firsts[0]).toEqual(["Ann", "Bob"]);
  });

  test("of a burst the other sees the last value", async () => {
    const [a, b] = [enter(), enter()];
    boardOf(b).onChange(() => {});
    await boardOf(a).heartbeat(ann);
    for (let x = 0; x < 200; x += 1) boardOf(a).update({ x });
    await vi.waitFor(() => expect(boardOf(b).value().others[0]?.value.x).toBe(199));
    expect(boardOf(a).value().self?.value.x).toBe(199);
  });

  test("what is wrong is refused at once, and by the server for the same reasons", async () => {
    const wrong = { x: -1, y: 1e9 };
    const refused = {
      code: "invalid_value",
      retryable: false,
      details: [
        { path: "/x", rule: "min", expected: "a number from 0 to 100000", found: "-1" },
        { path: "/y", rule: "max", expected: "a number from 0 to 100000", found: "1000000000" },
      ],
    };
    const board = boardOf(enter());
    await board.heartbeat(ann);
    expect(() => board.update(wrong)).toThrow(expect.objectContaining(refused));

    const careless = { ...cursor, schema: { judge: () => [] } };
    const other = enter().topic(careless, { board: "42" });
    await other.heartbeat(bob);
    await expect(other.update(wrong)).rejects.toMatchObject(refused);
    expect(other.value().self?.value.x).toBe(bob.x);
    expect(await other.update({ x: 5 })).toMatchObject({ change: "updated" });
  });

  test("typing falls back by itself, for the other and for oneself", async () => {
    const [a, b] = [enter(), enter()];
    const seen: boolean[] = [];
    boardOf(b).onJoin((it) => seen.push(it.value.typing));
    boardOf(b).onUpdate((it) => seen.push(it.value.typing));
    await boardOf(a).heartbeat({ ...ann, typing: true });
    await vi.waitFor(() => expect(seen).toEqual([true, false]), { timeout: 5_000 });
    expect(boardOf(a).value().self?.value.typing).toBe(false);
    expect(await boardOf(a).update({ x: 2 })).toMatchObject({ change: "updated" });
    await vi.waitFor(() => expect(boardOf(b).value().others[0]?.value.x).toBe(2));
    expect(seen).toEqual([true, false, false]);
  }, 10_000);

  test("a connection lost is a connection back: nobody leaves, nothing is missed", async () => {
    const network = new Network();
    const [a, b] = [enter({ environment: { ...network.environment, random: () => 1 } }), enter()];
    const log: string[] = [];
    boardOf(a).onJoin((it) => log.push(`join ${it.value.label}`));
    boardOf(a).onLeave((it, reason) => log.push(`leave ${it.value.label} ${reason}`));
    boardOf(b).onLeave((it, reason) => log.push(`leave ${it.value.label} ${reason}`));
    await Promise.all([boardOf(a).heartbeat(ann), boardOf(b).heartbeat(bob)]);
    await vi.waitFor(() => expect(labels(a)).toEqual(["Bob"]));

    network.cut();
    await vi.waitFor(() => expect(a.status.state).toBe("stale"));
    const cid = enter();
    await boardOf(cid).heartbeat({ ...ann, label: "Cid" });
    boardOf(b).update({ x: 9 });
    boardOf(a).update({ x: 8 });
    network.mend();
    await vi.waitFor(() => expect(boardOf(a).value().status).toBe("live"), { timeout: 3_000 });
    await vi.waitFor(() => expect(labels(a)).toEqual(["Bob", "Cid"]));
    expect(boardOf(a).value().others[0]?.value.x).toBe(9);
    await vi.waitFor(() => {
      const seen = boardOf(b).value().others.find((it) => it.value.label === "Ann");
      expect(seen?.value.x).toBe(8);
    });
    expect(log).toEqual(["join Bob", "join Cid"]);
  });

  test("a server that starts anew finds everybody back", async () => {
    const [a, b] = [enter(), enter()];
    for (const client of [a, b]) boardOf(client).onChange(() => {});
    const keys = await Promise.all([boardOf(a).heartbeat(ann), boardOf(b).heartbeat(bob)]);
    await vi.waitFor(() => expect(labels(a)).toEqual(["Bob"]));
    await vi.waitFor(() => expect(labels(b)).toEqual(["Ann"]));

    const { host } = new URL(server.url);
    await server.stop();
    await vi.waitFor(() => expect(boardOf(a).value().status).toBe("stale"));
    expect(labels(a)).toEqual(["Bob"]);
    server = await startServer(host);

    const back = () => {
      for (const [client, label] of [[a, "Bob"], [b, "Ann"]] as const) {
        expect(boardOf(client).value().status).toBe("live");
        expect(labels(client)).toEqual([label]);
      }
    };
    await vi.waitFor(back, { timeout: 10_000 });
    expect(boardOf(a).value().self?.member).toBe(keys[0].member);
  }, 20_000);

  test("a reload is the same member, and nobody sees a leave", async () => {
    const session = new FakeStorage();
    const page = new FakePage();
    const watcher = enter();
    const log: string[] = [];
    boardOf(watcher).onJoin((it) => log.push(`join ${it.value.label}`));
    boardOf(watcher).onLeave((it) => log.push(`leave ${it.value.label}`));
    const environment = { page };
    const before = enter({ session, environment });
    const { member } = await boardOf(before).heartbeat(ann);
    await vi.waitFor(() => expect(log).toEqual(["join Ann"]));

    page.turn("end");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = enter({ session });
    expect(await boardOf(after).heartbeat(ann)).toMatchObject({ member });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(labels(watcher)).toEqual(["Ann"]);
    expect(log).toEqual(["join Ann"]);
    // The page before is still there in this test, and holds nothing.
    expect(before.status).toMatchObject({ state: "stale", retryAt: null });
  }, 10_000);

  test("a page that ends and does not come back leaves after two seconds", async () => {
    const page = new FakePage();
    const watcher = enter();
    const left: LeaveReason[] = [];
    boardOf(watcher).onLeave((_, reason) => left.push(reason));
    await boardOf(enter({ environment: { page } })).heartbeat(ann);
    await vi.waitFor(() => expect(labels(watcher)).toEqual(["Ann"]));
    page.turn("end");
    page.turn("hide");
    await vi.waitFor(() => expect(left).toEqual(["left"]), { timeout: 4_000 });
  }, 10_000);

  test("a hidden page is away, and its next value is not taken for an old one", async () => {
    const page = new FakePage();
    const [a, b] = [enter({ environment: { page } }), enter()];
    boardOf(b).onChange(() => {});
    await boardOf(a).heartbeat(ann);
    const seen = () => boardOf(b).value().others[0];
    for (const [event, activity] of [["hide", "away"], ["show", "active"]] as const) {
      page.turn(event);
      await vi.waitFor(() => expect(seen()?.activity).toBe(activity));
    }
    expect(await boardOf(a).update({ x: 6 })).toMatchObject({ change: "updated" });
  });

  test("a room that is told in parts is seen whole", async () => {
    const ranges = Array.from({ length: 16 }, (_, i) => ({ anchor: 1e9 + i, head: 2e9 + i }));
    const announce = async (i: number) => {
      const headers = {
        "content-type": "application/json",
        "presence-session": i.toString(16).padStart(32, "0"),
      };
      const body = JSON.stringify({ value: { ranges, activeRange: i % 16 } });
      const url = `${server.url}/documents:d:selection/heartbeat`;
      expect((await fetch(url, { method: "POST", headers, body })).status).toBe(200);
    };
    for (let i = 0; i < 200; i += 1) await announce(i);

    const document = enter().topic(selection, { document: "d" });
    const sizes: number[] = [];
    document.onChange((view) => view.others.length > 0 && sizes.push(view.others.length));
    await vi.waitFor(() => expect(sizes.length).toBeGreaterThan(0));
    expect(sizes).toEqual([200]);
    expect(document.value().others.every((it) => it.value.ranges.length === 16)).toBe(true);
  });

  test("topics of several types share the connection, and leaving all leaves them", async () => {
    const [a, b] = [enter(), enter()];
    const chatOf = (client: PresenceClient) => client.topic(typing, { chat: "c" });
    boardOf(b).onChange(() => {});
    chatOf(b).onChange(() => {});
    await Promise.all([boardOf(a).heartbeat(ann), chatOf(a).heartbeat({ typing: true })]);
    const counts = () => [boardOf(b), chatOf(b)].map((it) => it.value().counts.members);
    await vi.waitFor(() => expect(counts()).toEqual([1, 1]));
    await a.leaveAll();
    await vi.waitFor(() => expect(counts()).toEqual([0, 0]));
  });

  test("closing is leaving at once", async () => {
    const [a, b] = [enter(), enter()];
    const left: LeaveReason[] = [];
    boardOf(b).onLeave((_, reason) => left.push(reason));
    await boardOf(a).heartbeat(ann);
    await vi.waitFor(() => expect(labels(b)).toEqual(["Ann"]));
    a.close();
    await vi.waitFor(() => expect(left).toEqual(["left"]), { timeout: 500 });
  });

  test("whoever follows sees only whom it follows, and they see that they are followed", async () => {
    const [a, b, c] = [enter(), enter(), enter()];
    await Promise.all([boardOf(b).heartbeat(bob), boardOf(c).heartbeat({ ...bob, label: "Cid" })]);
    const { user } = boardOf(b).value().self ?? {};
    const followed = boardOf(a).only("following");
    const log: string[] = [];
    followed.onJoin((it) => log.push(`join ${it.value.label}`));
    followed.onUpdate((it) => log.push(`update ${it.value.label} ${it.value.x}`));
    followed.onLeave((it) => log.push(`leave ${it.value.label}`));
    boardOf(b).onChange(() => {});
    boardOf(a).follow(user ?? "");
    await boardOf(a).heartbeat(ann);
    await vi.waitFor(() => expect(log).toEqual(["join Bob"]));
    expect(followed.value().others.map((it) => it.value.label)).toEqual(["Bob"]);
    await vi.waitFor(() => expect(boardOf(b).value().followers).toEqual([boardOf(a).value().self?.user]));
    expect(boardOf(a).value().following).toEqual([user]);
    await Promise.all([boardOf(b).update({ x: 9 }), boardOf(c).update({ x: 9 })]);
    await vi.waitFor(() => expect(log).toEqual(["join Bob", "update Bob 9"]));
    boardOf(a).unfollow(user ?? "");
    await vi.waitFor(() => expect(log).toEqual(["join Bob", "update Bob 9", "leave Bob"]));
    await vi.waitFor(() => expect(boardOf(b).value().followers).toEqual([]));
  });

  test("who only counts hears of everybody who comes and goes, and of nobody by name", async () => {
    const [a, b] = [enter(), enter()];
    const counts: number[] = [];
    boardOf(a).onCount(({ members }) => counts.push(members));
    await vi.waitFor(() => expect(boardOf(a).value().status).toBe("live"));
    const theirs = boardOf(b);
    await theirs.heartbeat(bob);
    await vi.waitFor(() => expect(counts.at(-1)).toBe(1));
    expect(boardOf(a).value().others).toEqual([]);
    await theirs.leave();
    await vi.waitFor(() => expect(counts.at(-1)).toBe(0));
  });
});

describe.skipIf(SERVER === undefined)("where no WebSocket gets through", () => {
  let server: Server;
  let client: PresenceClient;
  const network = new Network();

  beforeEach(async () => {
    server = await startServer();
  });

  afterEach(async () => {
    client.close();
    await server.stop();
  });

  test.each([
    ["silently", 1],
    ["at once", 1],
    ["later", 3],
  ] as const)("because it is blocked %s, HTTP carries it, which the tab remembers", async (blocks, sockets) => {
    Object.assign(network, { blocks, sockets: 0 });
    const session = new FakeStorage();
    client = clientOf(server, { session, environment: network.environment });
    const board = client.topic(cursor, { board: "42" });
    board.onChange(() => {});
    expect(await board.heartbeat(ann)).toMatchObject({ change: "joined" });
    await vi.waitFor(() => expect(client.status).toMatchObject({ state: "live", transport: "sse" }), { timeout: 3_000 });
    expect(network.sockets).toBe(sockets);
    client.close();
    client = clientOf(server, { session, environment: network.environment });
    await client.waitForConnected();
    expect(client.status.transport).toBe("sse");
    expect(network.sockets).toBe(sockets);
  }, 20_000);

  test("and then gets through, it takes over when the network is another, and nobody leaves", async () => {
    Object.assign(network, { blocks: "at once", sockets: 0 });
    const page = new FakePage();
    let skipped = 0;
    const now = () => performance.now() + skipped;
    client = clientOf(server, { environment: { ...network.environment, page, now } });
    const watcher = clientOf(server);
    const left: LeaveReason[] = [];
    watcher.topic(cursor, { board: "42" }).onLeave((_, reason) => left.push(reason));
    const board = client.topic(cursor, { board: "42" });
    board.onChange(() => {});
    await board.heartbeat(ann);
    expect(client.status.transport).toBe("sse");
    network.blocks = "no";
    skipped = 40_000;
    page.turn("online");
    await vi.waitFor(() => expect(client.status).toMatchObject({ state: "live", transport: "websocket" }), { timeout: 5_000 });
    expect(await board.update({ x: 9 })).toMatchObject({ change: "updated" });
    expect(left).toEqual([]);
    watcher.close();
  }, 20_000);
});
