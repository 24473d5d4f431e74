/** What is told on a WebSocket of who comes, changes and goes. */

import { afterEach, beforeEach, expect, test } from "vitest";
import { conformance } from "./subject.js";
import type { Subject } from "./subject.js";
import { fresh, person } from "./wire.js";
import type { Person, Wire } from "./wire.js";

const value = { x: 1, y: 2, label: "Ann" };
const whole = { ...value, tool: "pointer", typing: false };

conformance("sockets", (make) => {
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

  /** Somebody who watches, after the snapshot. */
  async function watcher(who?: Person, more: object = {}): Promise<Wire> {
    const wire = await enter(who);
    wire.say({ type: "subscribe", topic, ...more });
    await wire.next();
    return wire;
  }

  const entry = (who: Person, sequence: number, more: object = {}) => ({
    member: who.id,
    user: who.id,
    value: whole,
    activity: "active",
    following: [],
    version: sequence,
    ...more,
  });
  const counts = (members: number, users = members) => ({ members, users });
  const joinedAck = (who: Person, version: number) => ({ change: "joined", member: who.id, version, heartbeatMs: 10_000, throttleMs: 50 });

  test("a snapshot comes after ok, and then what happens", async () => {
    const ann = person("ann");
    const [wire, eve] = [await enter(ann), await enter()];
    eve.say({ type: "subscribe", topic, id: 1 });
    expect(await eve.next()).toEqual({ type: "ok", id: 1 });
    const nobody = { type: "snapshot", topic, counts: counts(0), entries: [], at: "epoch1.0" };
    expect(await eve.next()).toEqual(nobody);

    wire.say({ type: "heartbeat", topic, value, id: 1 });
    expect(await wire.next()).toEqual({ type: "ok", id: 1, ...joinedAck(ann, 1) });
    expect(await eve.next()).toEqual({ type: "changes", topic, counts: counts(1), joined: [entry(ann, 1)], at: "epoch1.1" });

    wire.say({ type: "heartbeat", topic, value: { ...value, x: 2 }, activity: "idle", id: 2 });
    expect(await wire.next()).toMatchObject({ change: "updated", version: 2 });
    const updated = [{ member: "ann", value: { ...whole, x: 2 }, activity: "idle" }];
    expect(await eve.next()).toEqual({ type: "changes", topic, counts: counts(1), updated, at: "epoch1.2" });

    wire.say({ type: "heartbeat", topic, id: 3 });
    expect(await wire.next()).toMatchObject({ change: "renewed", version: 2 });
    wire.say({ type: "leave", topic, id: 4 });
    expect(await wire.next()).toEqual({ type: "ok", id: 4, left: true });
    const left = [{ member: "ann", reason: "left" }];
    expect(await eve.next()).toEqual({ type: "changes", topic, counts: counts(0), left, at: "epoch1.3" });
    wire.say({ type: "leave", topic, id: 5 });
    expect(await wire.next()).toEqual({ type: "ok", id: 5, left: false });
  });

  test("an n that is not above the last one changes nothing, also after leaving", async () => {
    const wire = await enter(person("ann"));
    const change = async (message: object) => {
      wire.say({ ...message, topic, id: 1 });
      const { change, left, version } = await wire.next();
      return [change ?? left, version];
    };
    expect(await change({ type: "heartbeat", value, n: 5 })).toEqual(["joined", 1]);
    expect(await change({ type: "heartbeat", value: { ...value, x: 9 }, n: 5 })).toEqual(["stale", 1]);
    expect(await change({ type: "leave", n: 4 })).toEqual([false, undefined]);
    expect(await change({ type: "follow", users: ["bo"], n: 6 })).toEqual(["updated", 2]);
    expect(await change({ type: "leave", n: 8 })).toEqual([true, undefined]);
    expect(await change({ type: "heartbeat", value, n: 7 })).toEqual(["stale", 0]);
    expect(await change({ type: "heartbeat", value, n: 9 })).toEqual(["joined", 4]);
    expect(await change({ type: "leave" })).toEqual([true, undefined]);
    // A leave that finds nobody holds off what was said before it.
    expect(await change({ type: "leave", n: 20 })).toEqual([false, undefined]);
    expect(await change({ type: "heartbeat", value, n: 15 })).toEqual(["stale", 0]);
    expect(await change({ type: "heartbeat", value, n: 21 })).toEqual(["joined", 6]);
  });

  test("one's own doing is not told by itself, but with others'", async () => {
    const [ann, bo] = [person("ann"), person("bo")];
    const [a, b] = [await watcher(ann), await watcher(bo)];
    a.say({ type: "heartbeat", topic, value, id: 1 });
    expect(await a.next()).toMatchObject({ change: "joined" });
    expect(await b.next()).toMatchObject({ type: "changes", joined: [{ member: "ann" }] });
    await subject.wait(100);
    expect(a.rest()).toEqual([]);

    b.say({ type: "heartbeat", topic, value });
    expect(await a.next()).toMatchObject({ joined: [{ member: "bo" }], at: "epoch1.2" });
    a.say({ type: "heartbeat", topic, value: { ...value, x: 5 } });
    b.say({ type: "heartbeat", topic, value: { ...value, x: 6 } });
    await subject.wait(100);
    const seen = (wire: Wire) => wire.rest().flatMap((it) => it["updated"] ?? []).map((it) => [it.member, it.value.x]);
    expect(seen(a)).toContainEqual(["bo", 6]);
    expect(seen(b)).toContainEqual(["ann", 5]);
  });

  test("of many values within a tick the last is told, and once", async () => {
    const [a, eve] = [await enter(person("ann")), await watcher()];
    a.say({ type: "heartbeat", topic, value });
    expect(await eve.next()).toMatchObject({ joined: [{ value: { x: 1 } }] });
    for (let x = 2; x <= 20; x += 1) a.say({ type: "heartbeat", topic, value: { ...value, x } });
    await subject.wait(100);
    const told = eve.rest();
    expect(told.at(-1)?.["updated"]).toEqual([{ member: "ann", value: { ...whole, x: 20 } }]);
    expect(told.length).toBeLessThan(4);
  });

  test("who left and returned within a tick is told as both", async () => {
    const ann = person("ann");
    const [a, eve] = [await enter(ann), await watcher()];
    a.say({ type: "heartbeat", topic, value });
    expect(await eve.next()).toMatchObject({ joined: [{}] });
    a.say({ type: "leave", topic });
    a.say({ type: "heartbeat", topic, value });
    expect(await eve.next()).toEqual({
      type: "changes",
      topic,
      counts: counts(1),
      left: [{ member: "ann", reason: "left" }],
      joined: [entry(ann, 3)],
      at: "epoch1.3",
    });
  });

  test("another connection of the session takes over, and nobody sees a leave", async () => {
    const ann = person("ann");
    const [first, eve] = [await enter(ann), await watcher()];
    first.say({ type: "heartbeat", topic, value, n: 1 });
    await eve.next();
    const second = await enter(ann);
    expect(await first.closed()).toBe(4509);
    second.say({ type: "heartbeat", topic, n: 2, id: 1 });
    expect(await second.next()).toMatchObject({ change: "renewed" });
    await subject.wait(200);
    expect(eve.rest()).toEqual([]);
  });

  test("a delayed leave happens at its time, unless a heartbeat comes before", async () => {
    const [a, eve] = [await enter(person("ann")), await watcher()];
    a.say({ type: "heartbeat", topic, value, n: 1 });
    await eve.next();
    a.say({ type: "leave", topic, afterMs: 400, n: 2, id: 1 });
    expect(await a.next()).toEqual({ type: "ok", id: 1, left: true });
    a.say({ type: "heartbeat", topic, n: 3, id: 2 });
    expect(await a.next()).toMatchObject({ change: "renewed" });
    await subject.wait(500);
    expect(eve.rest()).toEqual([]);
    a.say({ type: "leave", topic, afterMs: 400, n: 4 });
    await subject.wait(500);
    expect(eve.rest()).toMatchObject([{ left: [{ member: "ann", reason: "left" }] }]);
  });

  test("a connection that is lost leaves after grace, as disconnected", async () => {
    const chat = { topic: `chats:${board}:typing` };
    const [a, eve] = [await enter(person("ann")), await enter()];
    eve.say({ type: "subscribe", ...chat });
    await eve.next();
    a.say({ type: "heartbeat", ...chat, value: {} });
    expect(await eve.next()).toMatchObject({ joined: [{ value: { typing: false, reply_to: null } }] });
    a.break();
    await subject.wait(2_000);
    expect(eve.rest()).toEqual([]);
    await subject.wait(1_000);
    expect(eve.rest()).toMatchObject([{ left: [{ member: "ann", reason: "disconnected" }] }]);
  });

  test("what decays falls back by itself, and its owner is told too", async () => {
    const [a, eve] = [await watcher(person("ann")), await watcher()];
    a.say({ type: "heartbeat", topic, value: { ...value, typing: true } });
    expect(await eve.next()).toMatchObject({ joined: [{ value: { typing: true } }] });
    await subject.wait(1_500);
    a.say({ type: "heartbeat", topic });
    await subject.wait(500);
    expect(eve.rest()).toEqual([]);
    await subject.wait(1_000);
    const fallen = { updated: [{ member: "ann", value: whole }] };
    expect([a.rest(), eve.rest()]).toMatchObject([[fallen], [fallen]]);
  });

  test("a position is resumed: what happened since, or that nothing did", async () => {
    const [ann, bo, eve] = [await enter(person("ann")), await enter(person("bo")), await watcher()];
    ann.say({ type: "heartbeat", topic, value });
    await eve.next();
    const { at } = JSON.parse(eve.raw.at(-1) ?? "{}") as { at: string };
    const late = await enter();
    const resume = async (since: string | undefined) => {
      late.say({ type: "subscribe", topic, ...(since === undefined ? {} : { since }) });
      return await late.next();
    };
    expect(await resume(at)).toEqual({ type: "changes", topic, counts: counts(1), at: "epoch1.1" });
    late.say({ type: "unsubscribe", topic });
    bo.say({ type: "heartbeat", topic, value });
    ann.say({ type: "leave", topic, id: 1 });
    await eve.next();
    await subject.wait(100);
    expect(await resume(at)).toMatchObject({
      type: "changes",
      left: [{ member: "ann", reason: "left" }],
      joined: [{ member: "bo" }],
      at: "epoch1.3",
    });
    for (const unknown of [undefined, "nonsense", "feed.1", at.replace(/[0-9]+$/, "99")]) {
      await subject.wait(50);
      expect(await resume(unknown)).toMatchObject({ type: "snapshot", entries: [{ member: "bo" }], at: "epoch1.3" });
    }
  });

  test("of 256 departures the difference is told, of more everything", async () => {
    const [a, eve] = [await enter(person("ann")), await watcher()];
    const { at } = JSON.parse(eve.raw.at(-1) ?? "{}") as { at: string };
    eve.say({ type: "unsubscribe", topic });
    /** Comes and goes so often, and is there then. */
    const turns = async (count: number, id: number) => {
      for (let i = 0; i < count; i += 1) {
        a.say({ type: "heartbeat", topic, value });
        a.say({ type: "leave", topic });
      }
      a.say({ type: "heartbeat", topic, value, id });
      await a.answered(id);
      eve.say({ type: "subscribe", topic, since: at });
      const told = await eve.next();
      eve.say({ type: "unsubscribe", topic });
      return told;
    };
    expect(await turns(256, 1)).toMatchObject({ type: "changes", joined: [{ member: "ann" }], at: "epoch1.513" });
    a.say({ type: "leave", topic });
    expect(await turns(0, 2)).toMatchObject({ type: "snapshot", entries: [{ member: "ann" }], at: "epoch1.515" });
  });

  test("who counts hears numbers, and of updates nothing", async () => {
    const [a, eve] = [await enter(person("ann")), await watcher(undefined, { filter: "count" })];
    a.say({ type: "heartbeat", topic, value });
    expect(await eve.next()).toEqual({ type: "changes", topic, counts: counts(1), at: "epoch1.1" });
    a.say({ type: "heartbeat", topic, value: { ...value, x: 2 } });
    await subject.wait(100);
    expect(eve.rest()).toEqual([]);
    a.say({ type: "leave", topic });
    expect(await eve.next()).toEqual({ type: "changes", topic, counts: counts(0), at: "epoch1.3" });
  });

  test("who names users hears of these, and whom they follow is found at every time", async () => {
    const [ann, bo, eve] = [person("ann"), person("bo"), person("eve")];
    const [a, b, e] = [await enter(ann), await enter(bo), await enter(eve)];
    a.say({ type: "heartbeat", topic, value });
    b.say({ type: "heartbeat", topic, value, id: 1 });
    await b.next();
    const { member } = JSON.parse(b.raw.at(-1) ?? "{}") as { member: string };
    e.say({ type: "subscribe", topic, filter: { users: [member] } });
    expect(await e.next()).toMatchObject({ type: "snapshot", counts: counts(2), entries: [{ member: "bo" }] });
    a.say({ type: "heartbeat", topic, value: { ...value, x: 2 } });
    await subject.wait(100);
    expect(e.rest()).toEqual([]);

    e.say({ type: "subscribe", topic, filter: "following" });
    expect(await e.next()).toMatchObject({ type: "snapshot", counts: counts(2), entries: [] });
    e.say({ type: "heartbeat", topic, value, following: [member] });
    expect(await e.next()).toMatchObject({ type: "snapshot", counts: counts(3), entries: [{ member: "bo" }] });
    b.say({ type: "heartbeat", topic, value: { ...value, x: 3 } });
    expect(await e.next()).toMatchObject({ type: "changes", updated: [{ member: "bo", value: { x: 3 } }] });
    e.say({ type: "follow", topic, users: [] });
    expect(await e.next()).toMatchObject({ type: "snapshot", entries: [] });
  });

  test("activity is for all topics announced on the connection", async () => {
    const [a, eve] = [await enter(person("ann")), await watcher()];
    a.say({ type: "heartbeat", topic, value, n: 1 });
    await eve.next();
    a.say({ type: "activity", activity: "away", hidden: true, n: 2, id: 1 });
    expect(await a.next()).toEqual({ type: "ok", id: 1 });
    expect(await eve.next()).toMatchObject({ updated: [{ member: "ann", activity: "away" }] });
    a.say({ type: "activity", activity: "active", n: 2, id: 2 });
    expect(await a.next()).toEqual({ type: "ok", id: 2 });
    await subject.wait(100);
    expect(eve.rest()).toEqual([]);
  });
});
