/** What clients see of each other through either server, over a WebSocket and over HTTP. */

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cursor, typing } from "../../../generated/index.js";
import { conformance } from "./subject.js";
import type { Carrier, Subject, Subjected } from "./subject.js";
import { fresh } from "./wire.js";

const ann = { x: 1, y: 2, label: "Ann" };
const bo = { x: 3, y: 4, label: "Bo" };

conformance("clients", (make) => {
  describe.each<Carrier>(["websocket", "sse"])("by %s", (carrier) => {
    let subject: Subject;
    let board: string;

    beforeEach(() => {
      subject = make();
      board = fresh();
    });
    afterEach(() => subject.close());

    const boardOf = ({ client }: Subjected) => client.topic(cursor, { board });
    const labels = (it: Subjected) => boardOf(it).value().others.map(({ value }) => value.label);

    /** Somebody who watches, with what they see happen. */
    function watcher(): readonly [Subjected, string[]] {
      const it = subject.client(carrier);
      const log: string[] = [];
      boardOf(it).onJoin(({ value }) => log.push(`join ${value.label}`));
      boardOf(it).onUpdate(({ value }) => log.push(`update ${value.label} ${value.x}`));
      boardOf(it).onLeave(({ value }, reason) => log.push(`leave ${value.label} ${reason}`));
      return [it, log];
    }

    test("they see each other come, change and go", async () => {
      const [[a, log], b] = [watcher(), subject.client(carrier)];
      expect(await boardOf(a).heartbeat(ann)).toMatchObject({ change: "joined", throttleMs: 50 });
      const theirs = boardOf(b);
      expect(await theirs.heartbeat(bo)).toMatchObject({ change: "joined" });
      await subject.until(() => expect(log).toEqual(["join Bo"]));
      expect(boardOf(a).value()).toMatchObject({ status: "live", self: { value: ann }, counts: { members: 2, users: 2 } });
      theirs.update({ x: 9 });
      await subject.until(() => expect(log).toEqual(["join Bo", "update Bo 9"]));
      expect(await theirs.leave()).toBe(true);
      await subject.until(() => expect(log).toEqual(["join Bo", "update Bo 9", "leave Bo left"]));
    });

    test("of a burst the last value is seen", async () => {
      const [[a], b] = [watcher(), subject.client(carrier)];
      await boardOf(b).heartbeat(bo);
      for (let x = 0; x < 100; x += 1) boardOf(b).update({ x });
      await subject.until(() => expect(boardOf(a).value().others[0]?.value.x).toBe(99));
    });

    test("a lost connection comes back, nobody leaves and nothing is missed", async () => {
      const [[a, log], b] = [watcher(), subject.client(carrier)];
      await Promise.all([boardOf(a).heartbeat(ann), boardOf(b).heartbeat(bo)]);
      await subject.until(() => expect(log).toEqual(["join Bo"]));
      a.disconnect();
      boardOf(b).update({ x: 7 });
      boardOf(a).update({ x: 8 });
      boardOf(b).onLeave(({ value }) => log.push(`left ${value.label}`));
      await subject.until(() => expect(boardOf(b).value().others[0]?.value.x).toBe(8));
      await subject.until(() => expect(log).toEqual(["join Bo", "update Bo 7"]));
      await subject.until(() => expect(boardOf(a).value().status).toBe("live"));
      expect(labels(a)).toEqual(["Bo"]);
    });

    test("what is typed falls back, for the other and for oneself", async () => {
      const [[a], b] = [watcher(), subject.client(carrier)];
      await boardOf(b).heartbeat({ ...bo, typing: true });
      await subject.until(() => expect(boardOf(a).value().others[0]?.value.typing).toBe(true));
      await subject.until(() => expect(boardOf(a).value().others[0]?.value.typing).toBe(false));
      expect(boardOf(b).value().self?.value.typing).toBe(false);
    }, 10_000);

    test("whoever is closed is gone at once, and from every topic", async () => {
      const [[a, log], b] = [watcher(), subject.client(carrier)];
      const chat = { chat: board };
      a.client.topic(typing, chat).onLeave((_, reason) => log.push(`chat ${reason}`));
      await Promise.all([boardOf(b).heartbeat(bo), b.client.topic(typing, chat).heartbeat({})]);
      await subject.until(() => expect(log).toEqual(["join Bo"]));
      await subject.until(() => expect(a.client.topic(typing, chat).value().others.length).toBe(1));
      b.client.close();
      await subject.until(() => expect([...log].sort()).toEqual(["chat left", "join Bo", "leave Bo left"]));
    });

    test("what the server refuses rejects, and the last good value stands", async () => {
      const [[a], b] = [watcher(), subject.client(carrier)];
      const careless = { ...cursor, schema: { judge: () => [] } };
      const theirs = b.client.topic(careless, { board });
      await theirs.heartbeat(bo);
      await expect(theirs.update({ x: -1 })).rejects.toMatchObject({
        code: "invalid_value",
        details: [{ path: "/x", rule: "min", expected: "a number from 0 to 100000", found: "-1" }],
      });
      expect(theirs.value().self?.value.x).toBe(bo.x);
      await theirs.update({ x: 5 });
      await subject.until(() => expect(boardOf(a).value().others[0]?.value.x).toBe(5));
    });
  });

  test("clients by either transport see each other", async () => {
    const subject = make();
    const topic = { board: fresh() };
    const [a, b] = [subject.client("websocket"), subject.client("sse")];
    const [mine, theirs] = [a.client.topic(cursor, topic), b.client.topic(cursor, topic)];
    for (const it of [mine, theirs]) it.onChange(() => {});
    await Promise.all([mine.heartbeat(ann), theirs.heartbeat(bo)]);
    await subject.until(() => expect(mine.value().others.map((it) => it.value.label)).toEqual(["Bo"]));
    await subject.until(() => expect(theirs.value().others.map((it) => it.value.label)).toEqual(["Ann"]));
    await subject.close();
  });
});
