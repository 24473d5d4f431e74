/** What the HTTP routes answer, and what event streams tell. */

import { afterEach, beforeEach, expect, test } from "vitest";
import { cursor } from "../../../generated/index.js";
import { conformance } from "./subject.js";
import type { Answer, Subject } from "./subject.js";
import { fresh, person, told } from "./wire.js";
import type { Person } from "./wire.js";

const value = { x: 1, y: 2, label: "Ann" };
const whole = { ...value, tool: "pointer", typing: false };

conformance("http", (make) => {
  let subject: Subject;
  let board: string;
  let topic: string;

  beforeEach(() => {
    subject = make();
    board = fresh();
    topic = `boards:${board}:cursors`;
  });
  afterEach(() => subject.close());

  const post = (path: string, who: Person | undefined, body?: unknown): Promise<Answer> =>
    subject.ask(path, { method: "POST", headers: who ? { "presence-session": who.key } : {}, ...(body === undefined ? {} : { body }) });
  const beat = (who: Person, body: object = {}) => post(`${topic}/heartbeat`, who, body);
  const codeOf = ({ status, json }: Answer) => [status, json?.error?.code];

  test("a heartbeat joins, updates and renews", async () => {
    const ann = person("ann");
    const first = await beat(ann, { value });
    const figures = { heartbeatMs: 10_000, throttleMs: 50 };
    expect([first.status, told(first.json)]).toEqual([200, { change: "joined", member: "ann", version: 1, expiresInMs: 30_000, ...figures }]);
    expect((await beat(ann, { value: { ...value, x: 2 } })).json).toMatchObject({ change: "updated", version: 2 });
    expect((await beat(ann, { following: ["bo"] })).json).toMatchObject({ change: "updated", version: 3 });
    expect((await beat(ann, { ttlMs: 3_000 })).json).toMatchObject({ change: "renewed", expiresInMs: 3_000, heartbeatMs: 1_000 });
    expect((await beat(ann, { ttlMs: 3_000, hidden: true })).json).toMatchObject({ change: "renewed", expiresInMs: 150_000 });
    expect((await beat(ann)).json).toMatchObject({ change: "renewed", expiresInMs: 150_000 });
    const empty = await post(`${topic}/heartbeat`, ann);
    expect(empty.json).toMatchObject({ change: "renewed" });
  });

  test("a leave is idempotent, and takes the session from its body", async () => {
    const ann = person("ann");
    await beat(ann, { value, n: 1 });
    expect((await post(`${topic}/leave`, undefined, { session: ann.key, n: 1 })).json).toEqual({ left: false });
    expect((await post(`${topic}/leave`, undefined, { session: ann.key, n: 2 })).json).toEqual({ left: true });
    expect((await post(`${topic}/leave`, ann)).json).toEqual({ left: false });
    expect(codeOf(await beat(ann, { value, n: 2 }))).toEqual([200, undefined]);
    expect((await beat(ann, { value, n: 2 })).json).toMatchObject({ change: "stale", version: 0 });
  });

  test("what is refused has its status and code", async () => {
    const ann = person("ann");
    const text = { "content-type": "text/plain", "presence-session": ann.key };
    const cases: [Promise<Answer>, number, string][] = [
      [post(`${topic}/heartbeat`, undefined, { value }), 400, "invalid_session"],
      [subject.ask(`${topic}/value`, { headers: { "presence-session": "00" } }), 400, "invalid_session"],
      [post("boards::cursors/heartbeat", ann, { value }), 400, "invalid_topic"],
      [post("nowhere:42/heartbeat", ann, { value }), 404, "unknown_topic"],
      [subject.ask("nowhere:42/value"), 404, "unknown_topic"],
      [subject.ask("nowhere:42/changes"), 404, "unknown_topic"],
      [beat(ann, { ttlMs: 999 }), 400, "invalid_ttl"],
      [beat(ann, { ttlMs: 300_001 }), 400, "invalid_ttl"],
      [beat(ann), 404, "not_present"],
      [beat(ann, { value: { ...value, x: -1 } }), 422, "invalid_value"],
      [beat(ann, { valu: value }), 400, "invalid_request"],
      [post(`${topic}/heartbeat`, ann, "{"), 400, "invalid_request"],
      [beat(ann, { following: ["a b"] }), 400, "invalid_request"],
      [beat(ann, { value, following: Array.from({ length: 129 }, (_, i) => `u${i}`) }), 400, "invalid_request"],
      [beat(ann, { value: { ...value, label: "a".repeat(17_000) } }), 413, "too_large"],
      [beat(ann, { schema: 1 }), 400, "invalid_request"],
      [subject.ask(`${topic}/heartbeat`, { method: "POST", headers: text, body: "{}" }), 415, "unsupported_media_type"],
      [subject.ask(`${topic}/heartbeat`), 405, "method_not_allowed"],
      [post("topics", ann), 405, "method_not_allowed"],
      [subject.ask("nothing"), 404, "not_found"],
      [subject.ask(`${topic}/nothing`), 404, "not_found"],
      [subject.ask("ws"), 426, "upgrade_required"],
      [subject.ask(`${topic}/value?token=secret`), 400, "invalid_request"],
      [subject.ask(`${topic}/value?before=1`), 400, "invalid_request"],
      [subject.ask(`${topic}/changes?filter=nobody`), 400, "invalid_request"],
      [subject.ask(`${topic}/changes?filter=count&user=ann`), 400, "invalid_request"],
      [subject.ask(`${topic}/changes?filter=following`), 400, "invalid_session"],
      [post("changes", undefined, { topics: [] }), 429, "too_many_topics"],
      [post("changes", undefined, {}), 400, "invalid_request"],
      [post("changes", undefined, { topics: [{ topic: "nowhere:42" }] }), 404, "unknown_topic"],
      [subject.ask("users/a%20b"), 400, "invalid_request"],
    ];
    for (const [asked, status, code] of cases) expect(codeOf(await asked)).toEqual([status, code]);
    const details = (await beat(ann, { value: { x: -1, label: 1 } })).json.error.details as { path: string; rule: string }[];
    expect(details.map(({ path, rule }) => [path, rule])).toEqual([["/x", "min"], ["/label", "type"], ["/y", "required"]]);
  });

  test("who contradicts the contract learns of it and is heard all the same", async () => {
    const { fingerprint, fields } = cursor;
    const { tool: _, ...fewer } = fields;
    const mismatch = { schema: "Cursor", older: "client", fields: [{ field: "tool", change: "added" }] };
    const ann = person("ann");
    expect((await beat(ann, { value, schema: { fingerprint: "0", fields: fewer } })).json).toMatchObject({ change: "joined", mismatch });
    expect((await beat(ann, { schema: { fingerprint, fields } })).json.mismatch).toBeUndefined();
  });

  test("a type is known by its name, and its schema has it as title", async () => {
    const { status, headers, json } = await subject.ask("schemas/Cursor");
    expect([status, headers.get("content-type"), json.title]).toEqual([200, "application/schema+json", "Cursor"]);
    expect((await subject.ask("schemas/Cursor.output")).status).toBe(200);
    expect(codeOf(await subject.ask("schemas/Nothing"))).toEqual([404, "not_found"]);
    expect(codeOf(await post("schemas/Cursor", undefined))).toEqual([405, "method_not_allowed"]);
  });

  test("value is everybody, with an entity tag", async () => {
    expect((await subject.ask(`${topic}/value`)).json).toMatchObject({ at: "0.0", counts: { members: 0, users: 0 }, entries: [] });
    const [ann, bo] = [person("ann"), person("bo")];
    await beat(ann, { value });
    await beat(bo, { value, activity: "away", following: ["ann"] });
    const found = await subject.ask(`${topic}/value`);
    const { expiresInMs, ...first } = told(found.json).entries[0];
    expect(expiresInMs).toBeGreaterThan(29_000);
    expect(first).toEqual({ member: "ann", user: "ann", value: whole, activity: "active", following: [], version: 1 });
    expect(told(found.json)).toMatchObject({ topic, at: "epoch1.2", counts: { members: 2, users: 2 } });
    expect(told(found.json).entries[1]).toMatchObject({ member: "bo", activity: "away", following: ["ann"] });
    const etag = found.headers.get("etag") ?? "";
    expect(etag).toMatch(/^W\/"[0-9a-f]{16}\.2"$/);
    const again = await subject.ask(`${topic}/value`, { headers: { "if-none-match": etag } });
    expect([again.status, again.json]).toEqual([304, undefined]);
    await beat(ann, { value: { ...value, x: 9 } });
    expect((await subject.ask(`${topic}/value`, { headers: { "if-none-match": etag } })).status).toBe(200);
    const encoded = await subject.ask(`${encodeURIComponent(topic)}/value?after=1`);
    expect(told(encoded.json).entries.map((it: { member: string }) => it.member)).toEqual(["bo"]);
  });

  test("users and topics tell where somebody is", async () => {
    const ann = person("ann");
    const { member } = (await beat(ann, { value })).json as { member: string };
    const chat = `chats:${board}:typing`;
    await post(`${chat}/heartbeat`, ann, { value: {} });
    const found = (await subject.ask(`users/${member}`)).json;
    expect(told(found)).toMatchObject({
      user: "ann",
      topics: [{ topic, members: [{ member: "ann", value: whole }] }, { topic: chat, members: [{ member: "ann" }] }],
    });
    const before = topic.slice(0, -1);
    const topics = (await subject.ask(`topics?after=${before}`)).json.topics as { topic: string }[];
    const { at } = (await subject.ask(`${topic}/value`)).json;
    expect(topics.slice(0, 1)).toEqual([{ topic, counts: { members: 1, users: 1 }, at }]);
    expect((await subject.ask(`users/${member}?after=${topic}`)).json.topics).toMatchObject([{ topic: chat }]);
    await post(`${topic}/leave`, ann);
    await post(`${chat}/leave`, ann);
    expect((await subject.ask(`users/${member}`)).json).toMatchObject({ topics: [] });
  });

  test("an event stream tells a snapshot and what happens, and resumes", async () => {
    const [ann, bo] = [person("ann"), person("bo")];
    const stream = await subject.stream(`${topic}/changes`);
    expect(await stream.next()).toEqual({ type: "snapshot", topic, counts: { members: 0, users: 0 }, entries: [], at: "epoch1.0" });
    await beat(ann, { value });
    expect(await stream.next()).toMatchObject({ type: "changes", joined: [{ member: "ann" }], at: "epoch1.1" });
    const { at } = JSON.parse(stream.raw.at(-1) ?? "{}") as { at: string };
    stream.close();
    await beat(bo, { value });
    const again = await subject.stream(`${topic}/changes`, { headers: { "last-event-id": at } });
    expect(await again.next()).toMatchObject({ type: "changes", joined: [{ member: "bo" }], at: "epoch1.2" });
    const count = await subject.stream(`${topic}/changes?filter=count`);
    expect(await count.next()).toMatchObject({ type: "snapshot", counts: { members: 2 }, entries: [] });
    const { member } = (await beat(bo)).json as { member: string };
    const some = await subject.stream(`${topic}/changes?user=${member}&user=nobody`);
    expect(await some.next()).toMatchObject({ type: "snapshot", entries: [{ member: "bo" }] });
  });

  test("one stream for many topics", async () => {
    const ann = person("ann");
    const chat = `chats:${board}:typing`;
    await beat(ann, { value });
    const body = { topics: [{ topic }, { topic: chat, filter: "count" }] };
    const stream = await subject.stream("changes", { method: "POST", body });
    expect(await stream.next()).toMatchObject({ type: "snapshot", topic, entries: [{ member: "ann" }] });
    expect(await stream.next()).toMatchObject({ type: "snapshot", topic: chat, entries: [] });
    await post(`${chat}/heartbeat`, ann, { value: {} });
    expect(await stream.next()).toEqual({ type: "changes", topic: chat, counts: { members: 1, users: 1 }, at: "epoch2.1" });
  });

  test("an entry goes when its time is over, as expired, and no read shows it", async () => {
    const [ann, stream] = [person("ann"), await subject.stream(`${topic}/changes?filter=everybody`)];
    await stream.next();
    await beat(ann, { value, ttlMs: 1_000 });
    expect(await stream.next()).toMatchObject({ joined: [{ member: "ann" }] });
    await subject.wait(600);
    await beat(ann, { ttlMs: 1_000 });
    await subject.wait(600);
    expect(stream.rest()).toEqual([]);
    await subject.wait(500);
    expect(stream.rest()).toMatchObject([{ left: [{ member: "ann", reason: "expired" }] }]);
    expect((await subject.ask(`${topic}/value`)).json).toMatchObject({ entries: [] });
  });

  test("a stream with a session binds: its end starts grace, another one ends that", async () => {
    const chat = `chats:${board}:typing`;
    const [ann, eve] = [person("ann"), await subject.stream(`${chat}/changes`)];
    await eve.next();
    await post(`${chat}/heartbeat`, ann, { value: {} });
    await eve.next();
    const headers = { "presence-session": ann.key };
    const first = await subject.stream(`${chat}/changes`, { headers });
    await first.next();
    first.close();
    await subject.wait(1_500);
    const second = await subject.stream(`${chat}/changes`, { headers });
    await second.next();
    await subject.wait(1_800);
    expect(eve.rest()).toEqual([]);
    second.close();
    await subject.wait(3_000);
    expect(eve.rest()).toMatchObject([{ left: [{ member: "ann", reason: "disconnected" }] }]);
  }, 15_000);

  test("a long snapshot comes in parts of at most 64 KiB", async () => {
    const room = `rooms:${board}:status`;
    const message = "m".repeat(140);
    const people = Array.from({ length: 300 }, (_, i) => person(`p${i}`));
    const value = { availability: { state: "available" }, message };
    for (const it of people) await post(`${room}/heartbeat`, it, { value });
    const stream = await subject.stream(`${room}/changes`);
    const parts = [await stream.next()];
    while (parts.at(-1)?.["more"]) parts.push(await stream.next());
    expect(parts.length).toBeGreaterThan(1);
    expect(stream.raw.every((it) => it.length <= 65_536)).toBe(true);
    expect(parts.map((it) => [it["type"], it["more"] ?? it["at"]])).toEqual([
      ...parts.slice(1).map(() => ["snapshot", true]),
      ["snapshot", "epoch1.300"],
    ]);
    const members = parts.flatMap((it) => it["entries"] as { member: string }[]).map((it) => it.member);
    expect(members).toEqual(people.map((it) => it.id));
  }, 20_000);
});
