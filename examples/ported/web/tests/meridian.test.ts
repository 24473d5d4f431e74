/** Meridian's examples. */

import type { PresenceClient } from "presence-client";
import { describe, expect, test, vi } from "vitest";
import { cursor, occupant } from "../generated/index.js";
import { cursors } from "../src/meridian/cursors.js";
import { stay } from "../src/meridian/restart.js";
import { enter as enterRoom } from "../src/meridian/room.js";
import { heartbeat } from "../src/meridian/ttl.js";
import { SOON_MS, house } from "./house.js";
import { newSession, start } from "./program.js";

const TOPIC = "pr:room-123";
const nobody = () => {};

/** What somebody is told of the others in the room. */
function told(client: PresenceClient) {
  const log: string[] = [];
  const room = client.topic(occupant, { room: "room-123" });
  room.onJoin(({ user }) => log.push(`${user} joins`));
  room.onLeave(({ user }, reason) => log.push(`${user} leaves: ${reason}`));
  return log;
}

describe("being in a room", () => {
  test("is seen, and over at once when it is left", async () => {
    const { server, enter } = house();
    const [log, seen]: [string[], unknown[]] = [told(enter("bo")), []];
    const { room } = enterRoom(enter("ann"), "room-123", (_, value) => seen.push(value));
    await server.advance(SOON_MS);
    await room.leave();
    await server.settle();
    expect(seen[0]).toEqual({ status: "online" });
    expect(log).toEqual(["ann joins", "ann leaves: left"]);
  });

  test("is over when the connection is, though nobody said so", async () => {
    const { server, enter } = house();
    const [log, ann] = [told(enter("bo")), enter("ann")];
    enterRoom(ann, "room-123", nobody);
    await server.advance(SOON_MS);
    server.cut(ann);
    await server.advance(occupant.graceMs);
    expect(log).toEqual(["ann joins", "ann leaves: disconnected"]);
  });

  test("is over where a heartbeat and the leaving race each other", async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { server, enter } = house({ seed });
      for (const transport of ["websocket", "sse"] as const) {
        const ann = enter("ann", { transport });
        server.delay(ann, 5, 200);
        const room = ann.topic(occupant, { room: "room-123" });
        for (let i = 0; i < 5; i += 1) room.heartbeat({ status: i % 2 ? "online" : "away" }).catch(() => {});
        room.leave();
        await server.advance(10_000);
        expect(server.members(TOPIC), `seed ${seed}, ${transport}`).toEqual([]);
      }
    }
  });

  test("is not over for an observer whose connection was lost, or whose clock is wrong", async () => {
    const { server, enter } = house();
    let wall = 0;
    const bo = enter("bo", { environment: { wallNow: () => wall } });
    const [log, room] = [told(bo), bo.topic(occupant, { room: "room-123" })];
    enterRoom(enter("ann"), "room-123", nobody);
    await server.advance(SOON_MS);
    wall = 365 * 86_400_000;
    server.cut(bo);
    await server.advance(600_000);
    expect([room.value().status, room.value().others.map(({ user }) => user)]).toEqual(["stale", ["ann"]]);
    server.restore(bo);
    await server.advance(60_000);
    expect([room.value().status, log]).toEqual(["live", ["ann joins"]]);
  });
});

describe("typed cursors", () => {
  test("arrive as what was sent, and who sends anything else is told", async () => {
    const { server, enter } = house();
    const painted: unknown[] = [];
    cursors(enter("ann"), "42", (_, x, y) => painted.push([x, y]));
    const theirs = enter("bo").topic(cursor, { page: "42" });
    theirs.heartbeat({ x: 3, y: 4 });
    await server.advance(SOON_MS);
    expect(painted.at(-1)).toEqual([3, 4]);
    // @ts-expect-error: what is no cursor does not compile either.
    expect(() => theirs.heartbeat({ x: "3", y: 4 })).toThrow("/x");
    expect(() => theirs.heartbeat({ x: Number.NaN, y: 4 })).toThrow("/x");
  });
});

describe("a server that is restarted", () => {
  test.each(["websocket", "sse"] as const)("is told again by itself, and nobody is seen to come or go (%s)", async (transport) => {
    const { server, enter } = house();
    const log = told(enter("bo"));
    stay(enter("ann", { transport }), "room-123");
    await server.advance(SOON_MS);
    server.restart();
    expect(server.members(TOPIC)).toEqual([]);
    await server.advance(30_000);
    expect(server.members(TOPIC)).toMatchObject([{ user: "ann", value: { status: "online" } }]);
    expect(log).toEqual(["ann joins"]);
  });

  test("is told again by itself, also a real one that was killed", async () => {
    const { PresenceClient } = await import("presence-client");
    const WebSocket = (await import("ws")).WebSocket;
    const environment = { connect: (url: string) => new WebSocket(url) as never };
    const before = await start();
    const client = new PresenceClient({ url: before.url, environment });
    try {
      await stay(client, "room-123");
      await before.kill();
      const after = await start(new URL(before.url).host);
      await vi.waitFor(async () => {
        const { entries } = await (await fetch(`${after.url}/${TOPIC}/value`)).json();
        expect(entries).toMatchObject([{ value: { status: "online" } }]);
      }, 10_000);
    } finally {
      client.close();
    }
  });
});

describe("a ttl of one's own", () => {
  test("is a duration by the server's clock, seen while it lasts and not afterwards", async () => {
    const { url } = await start();
    const topic = `${url}/cursors:42`;
    const value = async () => (await (await fetch(`${topic}/value`)).json()).entries as { expiresInMs: number }[];
    const began = performance.now();
    expect((await heartbeat(topic, newSession(), { x: 120, y: 340 }, 1_000)).expiresInMs).toBe(1_000);
    const [entry] = await value();
    expect(entry?.expiresInMs).toBeGreaterThan(0);
    expect(entry?.expiresInMs).toBeLessThanOrEqual(1_000);
    await vi.waitFor(async () => expect(await value()).toEqual([]), { timeout: 5_000, interval: 20 });
    expect(performance.now() - began).toBeGreaterThanOrEqual(999);
    expect(await heartbeat(topic, newSession(), { x: 1, y: 2 }, 1)).toMatchObject({ error: { code: "invalid_ttl" } });
  });
});
