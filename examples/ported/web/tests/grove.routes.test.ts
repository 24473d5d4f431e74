/** Grove's examples of routes, before a real server. */

import { EventSource } from "eventsource";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { atDocument } from "../src/grove/http.js";
import { listen } from "../src/grove/stream.js";
import { newSession, start } from "./program.js";

let url = "";
beforeAll(async () => {
  url = (await start()).url;
  Object.assign(globalThis, { EventSource });
});
const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

const alice = { name: "Alice", cursor: { x: 120, y: 340 }, isTyping: false };

/** What a stream says, an event a line. */
function heard(document: string) {
  const log: string[] = [];
  stops.push(
    listen(url, document, (event, data) => {
      const { entries, joined, updated, left } = data as Record<string, Record<string, unknown>[] | undefined>;
      if (event === "snapshot") log.push(`${entries?.length} here`);
      for (const it of joined ?? []) log.push(`joined ${JSON.stringify(it["value"])}`);
      for (const it of updated ?? []) log.push(`updated ${JSON.stringify(it["value"])}`);
      for (const it of left ?? []) log.push(`left: ${it["reason"]}`);
    }),
  );
  return log;
}

describe("over HTTP", () => {
  test("somebody joins, is updated, is in the snapshot until they leave, and leaves once", async () => {
    const { heartbeat, leave, snapshot } = atDocument(url, "doc-1", newSession());
    expect(await heartbeat(alice)).toMatchObject({ change: "joined", expiresInMs: 30_000 });
    expect(await heartbeat({ ...alice, isTyping: true })).toMatchObject({ change: "updated" });
    const { topic, counts, entries } = await snapshot();
    expect({ topic, counts }).toEqual({ topic: "documents:doc-1", counts: { members: 1, users: 1 } });
    expect(entries).toMatchObject([{ value: { ...alice, isTyping: true }, expiresInMs: expect.any(Number) }]);
    expect([await leave(), await leave()]).toEqual([{ left: true }, { left: false }]);
    expect((await snapshot()).entries).toEqual([]);
  });

  test("nobody speaks or leaves for anybody else", async () => {
    const [ann, mallory] = [atDocument(url, "doc-2", newSession()), atDocument(url, "doc-2", newSession())];
    await ann.heartbeat(alice);
    expect(await mallory.leave()).toEqual({ left: false });
    await mallory.heartbeat({ name: "Mallory" });
    expect((await ann.snapshot()).entries.map((it: { value: { name: string } }) => it.value.name)).toEqual(["Alice", "Mallory"]);
  });

  test("what is late is no longer true: a heartbeat sent before the leaving brings nobody back", async () => {
    const session = newSession();
    const headers = { "Presence-Session": session, "Content-Type": "application/json" };
    const post = async (route: string, body: object) =>
      (await fetch(`${url}/documents:doc-3/${route}`, { method: "POST", headers, body: JSON.stringify(body) })).json();
    await post("heartbeat", { value: alice, n: 1 });
    expect(await post("leave", { n: 3 })).toEqual({ left: true });
    expect(await post("heartbeat", { value: alice, n: 2 })).toMatchObject({ change: "stale" });
    expect((await atDocument(url, "doc-3", session).snapshot()).entries).toEqual([]);
  });

  test("what is wrong is refused, with where and why", async () => {
    const { heartbeat, snapshot } = atDocument(url, "doc-4", newSession());
    const refused = await heartbeat({ name: "Alice", cursor: { x: -1, y: 0 }, colour: "red" } as never);
    expect(refused.error.code).toBe("invalid_value");
    expect(refused.error.details.map((it: { path: string }) => it.path)).toEqual(["/cursor/x", "/colour"]);
    expect((await snapshot()).entries).toEqual([]);
  });
});

describe("on event streams", () => {
  test("everybody hears everything of their document, and of no other", async () => {
    const logs = [heard("doc-5"), heard("doc-5"), heard("doc-5")];
    const other = heard("doc-6");
    await vi.waitFor(() => expect([...logs, other]).toEqual([["0 here"], ["0 here"], ["0 here"], ["0 here"]]));
    const { heartbeat, leave } = atDocument(url, "doc-5", newSession());
    await heartbeat({ name: "Alice" });
    await vi.waitFor(() => logs.forEach((log) => expect(log).toHaveLength(2)));
    await heartbeat({ name: "Alice", isTyping: true });
    await vi.waitFor(() => logs.forEach((log) => expect(log).toHaveLength(3)));
    await leave();
    const [whole, typing] = ['"name":"Alice","color":null,"cursor":null', '"isTyping":true'];
    await vi.waitFor(() => {
      for (const log of logs) {
        expect(log).toEqual(["0 here", `joined {${whole},"isTyping":false}`, `updated {${whole},${typing}}`, "left: left"]);
      }
    });
    expect(other).toEqual(["0 here"]);
  });

  test("who comes late hears first who is there", async () => {
    await atDocument(url, "doc-7", newSession()).heartbeat({ name: "Alice" });
    const log = heard("doc-7");
    await vi.waitFor(() => expect(log).toEqual(["1 here"]));
  });
});
