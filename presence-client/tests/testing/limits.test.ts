/** The edges of the server in memory: as many as may be are taken, and one more is refused. */

import { expect, test } from "vitest";
import { cursor } from "../../../generated/index.js";
import * as is from "../../../generated/schema.js";
import { TestServer } from "../../src/testing/index.js";
import type { ServedTopic } from "../../src/testing/index.js";
import { fresh, person } from "../conformance/wire.js";

const value = { x: 1, y: 2, label: "Ann" };
const topicOf = (board: string) => `boards:${board}:cursors`;

/** Announces over HTTP, and tells what came of it. */
async function beat(server: TestServer, topic: string, key: string, token?: string): Promise<unknown> {
  const headers = { "content-type": "application/json", "presence-session": key, ...(token && { authorization: `Bearer ${token}` }) };
  const { status, text } = await server.fetch(`${topic}/heartbeat`, { method: "POST", headers, body: JSON.stringify({ value }) });
  const body = JSON.parse(await text()) as { change?: string; error?: { code: string } };
  return [status, body.change ?? body.error?.code];
}

/** Opens a WebSocket and says hello; tells the first answer, or the code it was closed with. */
async function greet(server: TestServer, key: string, token?: string): Promise<unknown> {
  const socket = server.connect();
  const heard: unknown[] = [];
  socket.onmessage = ({ data }: { readonly data: string }) => void heard.push((JSON.parse(data) as { type: string }).type);
  socket.onclose = ({ code }: { readonly code: number }) => void heard.push(code);
  await server.settle();
  if (socket.readyState === 1) socket.send(JSON.stringify({ type: "hello", protocol: 1, session: key, ...(token && { token }) }));
  await server.settle();
  return heard.at(-1);
}

test("a topic has so many members", async () => {
  const server = new TestServer({ topics: [{ ...cursor, maxMembers: 2 }] });
  const [a, b, c] = [person("a"), person("b"), person("c")];
  for (const it of [a, b]) expect(await beat(server, topicOf("1"), it.key)).toEqual([200, "joined"]);
  expect(await beat(server, topicOf("1"), c.key)).toEqual([429, "topic_full"]);
  expect(await beat(server, topicOf("1"), a.key)).toEqual([200, "renewed"]);
  expect(await beat(server, topicOf("2"), c.key)).toEqual([200, "joined"]);
});

test("a session is in so many topics over HTTP, and there are so many live ones", async () => {
  const server = new TestServer({ topics: [cursor], limits: { maxTopicsPerSession: 2, maxTopics: 3 } });
  const [a, b] = [person("a"), person("b")];
  for (const it of ["1", "2"]) expect(await beat(server, topicOf(it), a.key)).toEqual([200, "joined"]);
  expect(await beat(server, topicOf("3"), a.key)).toEqual([429, "too_many_topics"]);
  expect(await beat(server, topicOf("3"), b.key)).toEqual([200, "joined"]);
  expect(await beat(server, topicOf("4"), b.key)).toEqual([503, "overloaded"]);
  await server.advance(120_000);
  expect(await beat(server, topicOf("4"), b.key)).toEqual([200, "joined"]);
});

test("a user has so many connections, and the server has", async () => {
  const server = new TestServer({ topics: [cursor], limits: { maxConnectionsPerUser: 2, maxConnections: 4 } });
  const keys = Array.from({ length: 6 }, () => person("tab").key);
  const [one = "", two = "", three = "", four = "", five = ""] = keys;
  expect(await greet(server, one, "ann")).toBe("welcome");
  expect(await greet(server, two, "ann")).toBe("welcome");
  expect(await greet(server, three, "ann")).toBe(4029);
  // One that takes over takes its place as well.
  expect(await greet(server, two, "ann")).toBe("welcome");
  expect(await greet(server, three, "bo")).toBe("welcome");
  expect(await greet(server, four, "cid")).toBe("welcome");
  expect(await greet(server, five, "dan")).toBe(4029);
});

test("a member's values are taken so often, and the newest at its time", async () => {
  const server = new TestServer({ topics: [{ ...cursor, throttleMs: 0 }], limits: { maxValuesPerSecond: 4 } });
  const [socket, topic] = [server.connect(), topicOf(fresh())];
  await server.settle();
  socket.send(JSON.stringify({ type: "hello", protocol: 1, session: person("a").key }));
  for (let x = 0; x <= 10; x += 1) socket.send(JSON.stringify({ type: "heartbeat", topic, value: { ...value, x } }));
  await server.settle();
  const x = () => (server.members(topic)[0]?.value as { x: number }).x;
  expect(x()).toBe(4);
  await server.advance(249);
  expect(x()).toBe(4);
  await server.advance(1);
  expect(x()).toBe(10);
});

test("a topic that nobody is in is forgotten after grace, with its order", async () => {
  const server = new TestServer({ topics: [cursor] });
  const epoch = async () => JSON.parse(await (await server.fetch(`${topicOf("1")}/value`)).text()).at.split(".")[0] as string;
  const key = person("a").key;
  await beat(server, topicOf("1"), key);
  const first = await epoch();
  const leave = { method: "POST", headers: { "presence-session": key } } as const;
  await server.fetch(`${topicOf("1")}/leave`, leave);
  await beat(server, topicOf("1"), key);
  expect(await epoch()).toBe(first);
  await server.fetch(`${topicOf("1")}/leave`, leave);
  // Somebody comes while it is about to be forgotten.
  await server.advance(45_000);
  await beat(server, topicOf("1"), key);
  await server.advance(20_000);
  expect([await epoch(), server.members(topicOf("1")).length]).toEqual([first, 1]);
  await server.fetch(`${topicOf("1")}/leave`, leave);
  await server.advance(39_999 + 10_000);
  expect(await epoch()).toBe(first);
  await server.advance(1);
  expect(await epoch()).toBe("0");
  await beat(server, topicOf("1"), key);
  expect(await epoch()).not.toBe(first);
});

test("an event stream says something every ten seconds, and ends with its token", async () => {
  const server = new TestServer({ topics: [cursor], authenticate: () => ({ user: "ann", expiresInMs: 25_000 }) });
  const { body } = await server.fetch(`${topicOf("1")}/changes`);
  let text = "";
  const ended = (async () => {
    const reader = body?.getReader();
    for (let it = await reader?.read(); it && !it.done; it = await reader?.read()) text += new TextDecoder().decode(it.value);
  })();
  await server.advance(19_999);
  expect(text.split(":\n\n").length).toBe(2);
  await server.advance(1);
  expect(text.split(":\n\n").length).toBe(3);
  await server.advance(5_000);
  await ended;
});

test("fields that only the server sets come from authentication, and are set again with another token", async () => {
  const plain: ServedTopic = { ...cursor, name: "Roled", pattern: "roled:{board}", fields: { x: "1", role: "2" }, decays: {}, defaults: {} };
  const roled = { ...plain, schema: is.struct({ x: is.number(), role: is.server }) };
  const server = new TestServer({
    topics: [roled],
    authenticate: (token = "") => {
      const [user = "", role] = token.split(" ");
      return { user, ...(role !== undefined && { fields: { role } }) };
    },
  });
  const said: Record<string, unknown>[] = [];
  const socket = server.connect();
  socket.onmessage = ({ data }: { readonly data: string }) => void said.push(JSON.parse(data) as Record<string, unknown>);
  await server.settle();
  const say = async (message: object) => {
    socket.send(JSON.stringify(message));
    await server.settle();
    return said.at(-1);
  };
  await say({ type: "hello", protocol: 1, session: person("a").key, token: "ann editor" });
  expect(await say({ type: "heartbeat", topic: "roled:1", value: { x: 1, role: "owner" }, id: 1 })).toMatchObject({
    error: { code: "invalid_value", details: [{ path: "/role" }] },
  });
  expect(await say({ type: "heartbeat", topic: "roled:1", value: { x: 1 }, id: 2 })).toMatchObject({ change: "joined" });
  expect(server.members("roled:1")).toMatchObject([{ user: "ann", value: { x: 1, role: "editor" } }]);
  await say({ type: "token", token: "ann owner", id: 3 });
  expect(server.members("roled:1")).toMatchObject([{ value: { x: 1, role: "owner" } }]);
  expect(await say({ type: "heartbeat", topic: "roled:2", value: { x: 1 }, id: 4 })).toMatchObject({ change: "joined" });
  // With one that does not say it, nobody can be there.
  said.length = 0;
  await say({ type: "token", token: "ann", id: 5 });
  expect(said).toEqual([
    { type: "gone", topic: "roled:1", reason: "kicked" },
    { type: "gone", topic: "roled:2", reason: "kicked" },
    { type: "ok", id: 5 },
  ]);
  expect(server.members("roled:1")).toEqual([]);
  expect(await say({ type: "heartbeat", topic: "roled:1", value: { x: 1 }, id: 6 })).toMatchObject({ error: { code: "forbidden" } });
});
