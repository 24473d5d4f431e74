/** The golden vectors that the server is held against too; see `vectors/README.md`. */

import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cursor } from "../../generated/index.js";
import * as is from "../../generated/schema.js";
import { PresenceError } from "../src/index.js";
import type { ViewEvent } from "../src/view.js";
import { Watch } from "../src/watch.js";
import { readMessage } from "../src/wire.js";
import type { Ok, Welcome } from "../src/wire.js";
import { World } from "./fakes.js";

function vectors<File>(name: string): File {
  const path = new URL(`../../vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as File;
}

interface Named {
  readonly name: string;
  readonly text: string;
}

describe("server.json", () => {
  const { messages, errors } = vectors<{ messages: Named[]; errors: Named[] }>("server");

  test.each(messages)("$name is understood", ({ text }) => {
    expect(readMessage(text)).toEqual(JSON.parse(text));
  });

  test("a welcome and an acknowledgement have all that is needed of them", () => {
    const named = (name: string) => readMessage(messages.find((it) => it.name === name)?.text);
    const welcome = named("welcome") as Welcome;
    expect([welcome.session, welcome.user]).toEqual([expect.any(String), "ann"]);
    expect(welcome.heartbeatMs).toBeGreaterThan(0);
    const ok = named("ok: a heartbeat was done") as Ok;
    expect(ok.member).toBe(`ann.${welcome.session}`);
    expect(ok.throttleMs).toBeGreaterThan(0);
  });

  test.each(errors)("$name is an error with all that it says", ({ text }) => {
    const refused = readMessage(JSON.stringify({ type: "error", id: 1, ...JSON.parse(text) }));
    if (refused?.type !== "error") throw new Error("an error is an error");
    const error = new PresenceError(refused.error);
    expect({
      code: error.code,
      message: error.message,
      ...(error.details.length > 0 && { details: error.details }),
      ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
    }).toEqual(JSON.parse(text).error);
  });
});

describe("reading.json", () => {
  interface Step {
    readonly read?: string;
    readonly hear?: string;
    readonly since?: string | null;
    readonly filter?: unknown;
    readonly messages?: readonly string[];
    readonly events?: readonly { reason?: string; [event: string]: string | undefined }[];
    readonly view?: {
      readonly at: string | null;
      readonly counts: { readonly members: number; readonly users: number } | null;
      readonly members: Readonly<Record<string, unknown>>;
    };
  }
  const { scripts } = vectors<{ scripts: { name: string; steps: Step[] }[] }>("reading");

  const asTold = (event: ViewEvent) => {
    const { member } = event.member;
    if (event.type === "leave") return { left: member, reason: event.reason };
    return event.type === "join" ? { joined: member } : { updated: member };
  };

  test.each(scripts)("$name", ({ steps }) => {
    const asked: unknown[] = [];
    const wire = {
      open: true,
      now: () => 0,
      random: () => 0,
      setTimeout: () => 0,
      report: () => {},
      ask: (message: unknown, done: (answer: Ok) => void) => {
        asked.push(message);
        done({ type: "ok", id: asked.length });
      },
    };
    const watch = new Watch("boards:42:cursors", wire, () => {});
    watch.want("everybody");
    // Of somebody with a filter, and in messages of the file's own, numbers are not those of the members.
    const counted = steps.every((it) => it.filter === undefined && it.hear === undefined);
    let compared = 0;
    for (const { read, hear, since, messages = [], events, view } of steps) {
      if (read === undefined && hear === undefined) continue;
      if (typeof since === "string") {
        watch.lost();
        watch.welcome();
        expect(asked.at(-1)).toMatchObject({ type: "subscribe", since });
      }
      const told: unknown[] = [];
      for (const text of messages) {
        const message = readMessage(text);
        if (message?.type !== "snapshot" && message?.type !== "changes") throw new Error(text);
        told.push(...watch.hear(message).map(asTold));
      }
      compared += 1;
      if (events) expect(told).toEqual(events);
      if (!view) continue;
      const members = Object.entries(view.members).map(([id, it]) => [id, expect.objectContaining(it)]);
      expect(Object.fromEntries(watch.members)).toEqual(Object.fromEntries(members));
      expect(watch.at ?? null).toBe(view.at);
      // A client that hears of everybody counts by itself: its own doing is told to nobody.
      if (counted) {
        const users = new Set(Array.from(watch.members.values(), (it) => it.user)).size;
        expect({ members: watch.members.size, users }).toEqual(view.counts);
      }
    }
    expect(compared).toBeGreaterThan(0);
  });
});

describe("client.json", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("everything that is sent has the fields of a message that is understood", async () => {
    const { messages } = vectors<{ messages: { text: string; kind?: string }[] }>("client");
    const known = new Map<string, Map<string, string>>();
    for (const { text, kind } of messages) {
      if (kind === undefined) continue;
      const fields = known.get(kind) ?? new Map([["id", "number"]]);
      for (const [key, value] of Object.entries(JSON.parse(text))) fields.set(key, typeof value);
      known.set(kind, fields);
    }

    const world = new World();
    const client = world.client({ token: "t" });
    const board = client.topic(cursor, { board: "42" });
    const run = () => vi.advanceTimersByTimeAsync(60);
    const stop = board.onChange(() => {});
    board.heartbeat({ x: 1, y: 2, label: "Ann" });
    await run();
    const counts = { members: 0, users: 0 };
    const topic = board.name;
    world.socket.say({ type: "snapshot", topic, at: "feed.1", nowMs: 1, counts, entries: [] });
    board.heartbeat();
    world.page.turn("hide");
    stop();
    await run();
    board.onChange(() => {});
    await run();
    board.leave();
    await run();

    const kinds = new Set<string>();
    for (const { type, ...fields } of world.socket.sent) {
      kinds.add(type);
      for (const [key, value] of Object.entries(fields)) {
        expect(`${type}.${key}: ${typeof value}`).toBe(`${type}.${key}: ${known.get(type)?.get(key)}`);
      }
    }
    const sent = ["hello", "heartbeat", "subscribe", "activity", "unsubscribe", "leave"];
    expect([...kinds].sort()).toEqual(sent.sort());
  });
});

describe("values.json", () => {
  type Case = { input: string; violations?: { path: string; rule: string }[] };
  const { values } = vectors<{ values: Case[] }>("values");
  /** The type of the values, as `vectors/README.md` has it. */
  const pointer = is.struct({
    x: is.number({ min: 0, max: 100_000 }),
    count: is.integer({ min: 0, max: 2 ** 32 - 1 }),
    label: is.string({ minChars: 1, maxChars: 8 }),
    tool: is.optional(is.variants({ hand: is.unit, pen: is.struct({ width: is.integer({ min: 0, max: 255 }) }) })),
    note: is.optional(is.nullable(is.boolean)),
    isMarked: is.optional(is.list(is.integer({ min: 0, max: 255 }), { maxItems: 2 })),
  });
  /** What is wrong with the text itself, `JSON.parse` refuses or passes over. */
  const isOfTheText = ({ rule }: { rule: string }) => rule === "json" || rule === "duplicate";

  test.each(values.filter((it) => !it.violations?.some(isOfTheText)))("judged as by the server: $input", (it) => {
    const found = pointer.judge(JSON.parse(it.input)).map(({ path, rule }) => ({ path, rule }));
    expect(found).toEqual(it.violations ?? []);
  });
});

test("sessions.json: a new key is none of those that are malformed", () => {
  const { sessions, malformed } = vectors<{ sessions: { key: string }[]; malformed: unknown[] }>("sessions");
  const form = /^[0-9a-f]{32}$/i;
  for (const { key } of sessions) expect(key).toMatch(form);
  for (const key of malformed) expect(String(key)).not.toMatch(form);
  expect(new World().environment.newKey()).toMatch(form);
});

