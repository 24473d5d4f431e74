/** EdgeBase's examples. */

import { describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { player } from "../generated/index.js";
import { wrong } from "../src/edgebase/limit.js";
import { listen } from "../src/edgebase/listen.js";
import { converse } from "../src/edgebase/messages.js";
import { play } from "../src/edgebase/track.js";
import { SOON_MS, house } from "./house.js";
import { newSession, start } from "./program.js";

const room = { channel: "game-room" };
const TOPIC = "presence:game-room";

describe("tracking", () => {
  test("says how one is, with nothing left of what was said before, and ends", async () => {
    const { server, enter } = house();
    const { away, quit } = play(enter("jane"), "game-room", "Jane");
    await server.advance(SOON_MS);
    expect(server.members(TOPIC)).toMatchObject([{ user: "jane", value: { username: "Jane", status: "online", cursor: { x: 100, y: 200 } } }]);
    away();
    await server.advance(SOON_MS);
    expect(server.members(TOPIC)).toMatchObject([{ value: { username: "Jane", status: "away", cursor: null } }]);
    await quit();
    expect(server.members(TOPIC)).toEqual([]);
  });

  test("is seen over a reload, as one and the same", async () => {
    const { server, enter } = house();
    const told: string[] = [];
    const game = enter("bo").topic(player, room);
    game.onJoin(({ user }) => told.push(`${user} joins`));
    game.onLeave(({ user }) => told.push(`${user} leaves`));
    const before = enter("jane");
    play(before, "game-room", "Jane");
    await server.advance(SOON_MS);
    play(server.reload(before), "game-room", "Jane");
    await server.advance(60_000);
    expect(told).toEqual(["jane joins"]);
  });
});

describe("listening", () => {
  test("tells the whole list, and which of somebody's connections came and went, and why", async () => {
    const { server, enter } = house();
    const log: (readonly unknown[])[] = [];
    const game = enter("bo").topic(player, room);
    listen(game, (...what) => log.push(what));
    const [one, two] = [enter("jane"), enter("jane")];
    play(one, "game-room", "Jane");
    const { quit } = play(two, "game-room", "Jane");
    await server.advance(SOON_MS);
    const [jane] = game.value().users;
    const [first, second] = (jane?.members ?? []).map(({ member }) => member);
    expect(log.filter(([what]) => what === "joined").map(([, user, member]) => [user, member])).toEqual([["jane", first], ["jane", second]]);
    expect(first).not.toBe(second);
    await quit();
    server.cut(one);
    await server.advance(player.graceMs + SOON_MS);
    expect(log.filter(([what]) => what === "left")).toEqual([["left", "jane", second, "left"], ["left", "jane", first, "disconnected"]]);
    expect(log.at(-1)).toEqual(["online", []]);
  });

  test("an update is told as that, and without everybody else's state", async () => {
    const { server, enter } = house();
    const [updated, joined]: [unknown[], unknown[]] = [[], []];
    const game = enter("bo").topic(player, room);
    game.onUpdate((who) => updated.push(who.value.status));
    game.onJoin((who) => joined.push(who));
    play(enter("cid"), "game-room", "Cid");
    const { away } = play(enter("jane"), "game-room", "Jane");
    await server.advance(SOON_MS);
    const cid = game.user("cid" as never);
    away();
    await server.advance(SOON_MS);
    expect([updated, joined.length]).toEqual([["away"], 2]);
    // Whoever did not change is the same object as before.
    expect(game.user("cid" as never)).toBe(cid);
  });
});

describe("somebody who cannot be reached", () => {
  test("goes with their connection, after the grace that the type has", async () => {
    for (const graceMs of [0, 10_000]) {
      const { server, enter } = house({ topics: [{ ...player, graceMs }] });
      const log: string[] = [];
      enter("bo").topic(player, room).onLeave(({ user }, reason) => log.push(`${user}: ${reason}`));
      const jane = enter("jane");
      play(jane, "game-room", "Jane");
      await server.advance(SOON_MS);
      server.cut(jane);
      await server.advance(Math.max(0, graceMs - 1));
      expect(log).toEqual(graceMs === 0 ? ["jane: disconnected"] : []);
      await server.advance(SOON_MS);
      expect(log).toEqual(["jane: disconnected"]);
    }
  });

  test("goes without one, too: behind a network that swallows everything, and over HTTP after the ttl", async () => {
    for (const [transport, reason, boundMs] of [["websocket", "disconnected", 45_000], ["sse", "expired", player.ttlMs + 1_000]] as const) {
      const { server, enter } = house();
      const log: string[] = [];
      enter("bo").topic(player, room).onLeave(({ user }, why) => log.push(`${user}: ${why}`));
      const jane = enter("jane", { transport });
      play(jane, "game-room", "Jane");
      await server.advance(SOON_MS);
      server.drop(jane);
      await server.advance(boundMs);
      expect(log.map((it) => it.split(":")[0]), transport).toEqual(["jane"]);
      expect(["disconnected", reason].some((it) => log[0]?.endsWith(it)), log[0]).toBe(true);
    }
  });
});

describe("a server that has forgotten everything", () => {
  test.each(["websocket", "sse"] as const)("is told by everybody, and nobody sees anything of it (%s)", async (transport) => {
    const { server, enter } = house();
    const game = enter("bo", { transport }).topic(player, room);
    const log: string[] = [];
    game.onJoin(({ user }) => log.push(`${user} joins`));
    game.onLeave(({ user }) => log.push(`${user} leaves`));
    for (const user of ["jane", "cid", "dan"]) play(enter(user, { transport }), "game-room", user);
    await server.advance(SOON_MS);
    server.restart();
    await server.advance(30_000);
    expect(server.members(TOPIC).map(({ user }) => user).sort()).toEqual(["cid", "dan", "jane"]);
    expect(log.sort()).toEqual(["cid joins", "dan joins", "jane joins"]);
    expect([game.value().status, game.value().others.map(({ user }) => user).sort()]).toEqual(["live", ["cid", "dan", "jane"]]);
  });
});

describe("the limit", () => {
  test("is held here and there, in the same words, and what cannot be within it does not compile", async () => {
    const { url } = await start();
    const jane = { username: "Jane", status: "online", cursor: { x: 100, y: 200 } };
    const much = { ...jane, username: "J".repeat(33), fullProfile: {} };
    expect(wrong(jane)).toEqual([]);
    const headers = { "Presence-Session": newSession(), "Content-Type": "application/json" };
    const answer = await fetch(`${url}/${TOPIC}/heartbeat`, { method: "POST", headers, body: JSON.stringify({ value: much }) });
    const { error } = await answer.json();
    const there = error.details.map((it: Record<string, string>) => `${it["path"]}: ${it["expected"]}, not ${it["found"]}`);
    expect(answer.status).toBe(422);
    expect(wrong(much)).toEqual(there);
    expect(wrong(much)).toHaveLength(2);
    const game = house().enter("jane").topic(player, room);
    // @ts-expect-error: a profile is nothing that others need to see.
    expect(() => game.heartbeat({ username: "Jane", status: "online", fullProfile: {} })).toThrow("fullProfile");
    expect(new TextEncoder().encode(JSON.stringify({ ...jane, username: "\u{1f600}".repeat(32) })).length).toBeLessThan(player.maxBytes);
  });
});

describe("the messages", () => {
  test("say who came, what they say now, and why they went", async () => {
    const { url } = await start();
    Object.assign(globalThis, { WebSocket });
    const heard: Record<string, unknown>[] = [];
    const jane = { username: "Jane", status: "online", cursor: { x: 0, y: 0 } } as const;
    const stop = converse(url, newSession(), TOPIC, { ...jane, username: "Bo" }, (message) => heard.push(message));
    await vi.waitFor(() => expect(heard.map(({ type }) => type)).toContain("snapshot"));
    const headers = { "Presence-Session": newSession(), "Content-Type": "application/json" };
    const post = (route: string, body: object) => fetch(`${url}/${TOPIC}/${route}`, { method: "POST", headers, body: JSON.stringify(body) });
    const hears = (what: string, change: object) =>
      vi.waitFor(() => expect(heard).toContainEqual(expect.objectContaining({ type: "changes", [what]: expect.arrayContaining([expect.objectContaining(change)]) })));
    await post("heartbeat", { value: jane });
    await hears("joined", { value: jane });
    await post("heartbeat", { value: { ...jane, status: "away" } });
    await hears("updated", { value: { ...jane, status: "away" } });
    await post("leave", {});
    await hears("left", { reason: "left" });
    stop();
  });
});
