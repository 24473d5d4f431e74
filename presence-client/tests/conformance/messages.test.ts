/** What the server makes of single messages on a WebSocket: greetings, mistakes, contracts. */

import { afterEach, beforeEach, expect, test } from "vitest";
import { cursor } from "../../../generated/index.js";
import { conformance } from "./subject.js";
import type { Subject } from "./subject.js";
import { fresh, person } from "./wire.js";
import type { Person, Wire } from "./wire.js";

const value = { x: 1, y: 2, label: "Ann" };

conformance("messages", (make) => {
  let subject: Subject;
  let board: string;
  let topic: string;

  beforeEach(() => {
    subject = make();
    board = fresh();
    topic = `boards:${board}:cursors`;
  });
  afterEach(() => subject.close());

  async function enter(who?: Person): Promise<Wire> {
    const wire = await subject.open();
    await wire.greet(who);
    return wire;
  }

  test("hello is answered by welcome", async () => {
    const ann = person("ann");
    const limits = { maxMessageBytes: 16_384, maxTopics: 128 };
    const wire = await subject.open();
    expect(await wire.greet(ann)).toEqual({ type: "welcome", session: "ann", user: "ann", heartbeatMs: 10_000, limits });
    const nobody = await subject.open();
    expect(await nobody.greet()).toEqual({ type: "welcome", session: null, user: null, heartbeatMs: 10_000, limits });
  });

  test.each([
    ["something else than hello", { type: "unsubscribe", topic: "t" }, "invalid_request"],
    ["what is no message", "nonsense", "invalid_request"],
    ["another protocol", { type: "hello", protocol: 2 }, "unsupported_protocol"],
    ["a malformed key", { type: "hello", protocol: 1, session: "00" }, "invalid_session"],
    ["contracts that are none", { type: "hello", protocol: 1, schemas: [] }, "invalid_request"],
  ])("%s first ends the connection with 4526", async (_, message, code) => {
    const wire = await subject.open();
    wire.say(message);
    expect(await wire.next()).toMatchObject({ type: "error", error: { code } });
    expect(await wire.closed()).toBe(4526);
  });

  test("hello is said once", async () => {
    const wire = await enter();
    expect(await wire.greet()).toMatchObject({ type: "error", error: { code: "invalid_request" } });
    expect(await wire.closed()).toBe(4526);
  });

  test("what is wrong in a message is said with its place, and the connection goes on", async () => {
    const wire = await enter(person("ann"));
    wire.say({ type: "leave", id: 9, topic: 1, n: -1, when: 0 });
    const { type, id, error } = await wire.next();
    const details = error.details.map((it: { path: string; rule: string }) => [it.path, it.rule]);
    expect([type, id, error.code]).toEqual(["error", 9, "invalid_request"]);
    expect(details).toEqual([["/topic", "type"], ["/n", "min"], ["/when", "unknown"]]);
    wire.say({ type: "unsubscribe", topic, id: 10 });
    expect(await wire.next()).toEqual({ type: "ok", id: 10 });
  });

  test("a message that is too long ends the connection with 1009", async () => {
    const wire = await enter(person("ann"));
    wire.say({ type: "heartbeat", topic, value: { ...value, label: "a".repeat(16_384) } });
    expect(await wire.closed()).toBe(1009);
  });

  test.each([
    ["unknown_topic", "nowhere:42"],
    ["invalid_topic", "boards::cursors"],
    ["invalid_topic", "boards:a b:cursors"],
    ["invalid_topic", ""],
    ["invalid_topic", "ws"],
  ])("%s: %j", async (code, name) => {
    const wire = await enter(person("ann"));
    wire.say({ type: "subscribe", topic: name, id: 1 });
    wire.say({ type: "heartbeat", topic: name, value, id: 2 });
    wire.say({ type: "leave", topic: name, id: 3 });
    for (const id of [1, 2, 3]) expect(await wire.next()).toMatchObject({ type: "error", id, error: { code } });
  });

  test("who announces needs a session, and so does who watches whom they follow", async () => {
    const wire = await enter();
    wire.say({ type: "heartbeat", topic, value, id: 1 });
    wire.say({ type: "leave", topic, id: 2 });
    wire.say({ type: "subscribe", topic, filter: "following", id: 3 });
    for (const id of [1, 2, 3]) {
      expect(await wire.next()).toMatchObject({ type: "error", id, error: { code: "invalid_session" } });
    }
  });

  test("without an id nothing is answered but errors", async () => {
    const wire = await enter(person("ann"));
    wire.say({ type: "heartbeat", topic, value });
    wire.say({ type: "heartbeat", topic, value: { ...value, x: -1 } });
    wire.say({ type: "activity", activity: "away", id: 1 });
    const { type, id, error } = await wire.next();
    expect([type, id, error.code, error.details]).toEqual([
      "error",
      undefined,
      "invalid_value",
      [{ path: "/x", rule: "min", expected: "a number from 0 to 100000", found: "-1" }],
    ]);
    expect(await wire.next()).toEqual({ type: "ok", id: 1 });
  });

  test("values are judged as text: what is said twice, or cannot be kept, is refused", async () => {
    const wire = await enter(person("ann"));
    const said = (json: string) => `{"type":"heartbeat","topic":"${topic}","id":1,"value":${json}}`;
    for (const [json, path, rule] of [
      [`{"x":1,"x":2,"y":1,"label":""}`, "/x", "duplicate"],
      [`{"x":1e999,"y":1,"label":""}`, "/x", "json"],
      [`{"x":1,"y":1,"label":"\\ud800"}`, "/label", "json"],
      [`{"x":1,"y":1,"label":"\\u0007"}`, "/label", "control"],
      [`{"x":1,"y":1,"label":"","__proto__":1}`, "/__proto__", "unknown"],
      [`null`, "", "type"],
    ] as const) {
      wire.say(said(json));
      const { error } = await wire.next();
      expect([json, error.code, error.details[0].path, error.details[0].rule]).toEqual([json, "invalid_value", path, rule]);
    }
  });

  test("renewing what is absent is not_present", async () => {
    const wire = await enter(person("ann"));
    wire.say({ type: "heartbeat", topic, id: 1 });
    wire.say({ type: "follow", topic, users: [], id: 2 });
    for (const id of [1, 2]) expect(await wire.next()).toMatchObject({ id, error: { code: "not_present" } });
  });

  test("a connection has at most 128 topics", async () => {
    const wire = await enter(person("ann"));
    for (let i = 1; i <= 129; i += 1) wire.say({ type: "subscribe", topic: `boards:${board}-${i}:cursors`, filter: "count", id: i });
    await subject.wait(300);
    const refused = wire.rest().filter((it) => it["type"] === "error");
    expect(refused).toMatchObject([{ id: 129, error: { code: "too_many_topics" } }]);
    wire.say({ type: "unsubscribe", topic: `boards:${board}-1:cursors` });
    wire.say({ type: "heartbeat", topic: `boards:${board}-129:cursors`, value, id: 130 });
    expect(await wire.next()).toMatchObject({ type: "ok", id: 130, change: "joined" });
  });

  test("contracts are compared by name", async () => {
    const wire = await enter(person("ann"));
    const { fingerprint, fields } = cursor;
    const { label: _, ...fewer } = fields;
    wire.say({ type: "schemas", id: 1, schemas: { Cursor: { fingerprint, fields } } });
    expect(await wire.next()).toEqual({ type: "ok", id: 1 });
    wire.say({ type: "schemas", schemas: { Cursor: { fingerprint: "another", fields: fewer } } });
    expect(await wire.next()).toEqual({ type: "mismatch", schema: "Cursor", older: "client", fields: [{ field: "label", change: "added" }] });
    wire.say({ type: "schemas", schemas: { Cursor: { fingerprint: "another", fields: { ...fields, x: "0", z: "1" } } } });
    expect(await wire.next()).toEqual({
      type: "mismatch",
      schema: "Cursor",
      older: "server",
      fields: [{ field: "x", change: "changed" }, { field: "z", change: "added" }],
    });
    wire.say({ type: "schemas", schemas: { Cursor: "another", Unknown: "0" } });
    expect(await wire.next()).toEqual({ type: "mismatch", schema: "Cursor", older: "client", fields: [] });
    expect(await wire.next()).toEqual({ type: "mismatch", schema: "Unknown", older: "server", fields: [] });
    wire.say({ type: "schemas", schemas: { Cursor: 1 }, id: 2 });
    expect(await wire.next()).toMatchObject({ id: 2, error: { code: "invalid_request", details: [{ path: "/schemas" }] } });
  });

  test("a topic and a label named __proto__ are like any other", async () => {
    const name = "boards:__proto__:cursors";
    const [a, eve] = [await enter(person("ann")), await enter()];
    eve.say({ type: "subscribe", topic: name });
    await eve.next();
    a.say({ type: "heartbeat", topic: name, value: { ...value, label: "__proto__" } });
    expect(await eve.next()).toMatchObject({ topic: name, joined: [{ value: { label: "__proto__" } }] });
    a.say({ type: "leave", topic: name, id: 1 });
    expect(await a.next()).toMatchObject({ left: true });
  });
});

conformance("waiting", (make) => {
  test("who says no hello is sent away with 4008", async () => {
    const subject = make();
    const wire = await subject.open();
    await subject.wait(5_000);
    expect(await wire.closed()).toBe(4008);
    await subject.close();
  }, 10_000);
});
