/** The golden vectors of the Rust runtime, before the server in memory: the same bytes, the same verdicts. */

import { describe, expect, test } from "vitest";
import * as is from "../../../generated/schema.js";
import type { Activity } from "../../src/wire.js";
import { Kind } from "../../src/testing/hub/kind.js";
import type { ServedTopic } from "../../src/testing/hub/kind.js";
import { Subscriber } from "../../src/testing/hub/subscriber.js";
import type { Watching } from "../../src/testing/hub/subscriber.js";
import { sessionOf } from "../../src/testing/topic/session.js";
import type { Actor } from "../../src/testing/topic/session.js";
import { Topic } from "../../src/testing/topic/topic.js";
import { Refused, refusal } from "../../src/testing/wire/fault.js";
import { readJson } from "../../src/testing/wire/json.js";
import { readClientMessage } from "../../src/testing/wire/messages.js";
import { vectors } from "../vectors.js";

test("sessions.json: a key has this session, or is none", () => {
  const { sessions, malformed } = vectors<{ sessions: { key: string; session: string }[]; malformed: string[] }>("sessions");
  for (const { key, session } of sessions) expect(sessionOf(key)?.id).toBe(session);
  for (const key of malformed) expect(sessionOf(key)).toBeUndefined();
  expect(sessions.length * malformed.length).toBeGreaterThan(0);
});

describe("client.json", () => {
  interface Case {
    readonly text: string;
    readonly kind?: string;
    readonly id?: number;
    readonly code?: string;
    readonly details?: readonly { readonly path: string; readonly rule: string }[];
  }
  const { messages } = vectors<{ messages: Case[] }>("client");

  test.each(messages)("$text", ({ text, kind, id, code, details }) => {
    const told = readClientMessage(text);
    if (!("refused" in told)) return expect([told.body.type, code]).toEqual([kind, undefined]);
    const found = told.refused.details.map(({ path, rule }) => ({ path, rule }));
    expect([told.id, told.refused.code, found]).toEqual([id, code, details]);
  });
});

describe("values.json", () => {
  interface Case {
    readonly input: string;
    readonly canonical?: string;
    readonly violations?: readonly { readonly path: string; readonly rule: string }[];
  }
  const { values } = vectors<{ values: Case[] }>("values");
  const byte = is.integer({ min: 0, max: 255 });
  const pointer: ServedTopic = {
    name: "Pointer",
    pattern: "boards:{board}:pointers",
    fingerprint: "",
    fields: {},
    schema: is.struct({
      x: is.number({ min: 0, max: 100_000 }),
      count: is.integer({ min: 0, max: 2 ** 32 - 1 }),
      label: is.string({ minChars: 1, maxChars: 8 }),
      tool: is.optional(is.variants({ hand: is.unit, pen: is.struct({ width: byte }) })),
      note: is.optional(is.nullable(is.boolean)),
      isMarked: is.optional(is.list(byte, { maxItems: 2 })),
    }),
    ttlMs: 30_000,
    maxTtlMs: 300_000,
    graceMs: 10_000,
    throttleMs: 50,
    maxBytes: 512,
    decays: {},
    defaults: { tool: "hand", note: null, isMarked: [] },
  };
  const kind = new Kind(pointer, 60);

  test.each(values)("$input", ({ input, canonical, violations }) => {
    const { value, flaws } = readJson(input);
    let found: unknown;
    try {
      found = [kind.value(value, flaws, {}).json, undefined];
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      found = [undefined, error.details.map(({ path, rule }) => ({ path, rule }))];
    }
    // JavaScript writes neither the point of a float nor the sign of zero, and no client could send it.
    const written = canonical && JSON.stringify(JSON.parse(canonical));
    expect(found).toEqual([written, violations]);
  });
});

describe("reading.json", () => {
  interface Step {
    readonly at: number;
    readonly do?: string;
    readonly read?: string;
    readonly who?: string;
    readonly value?: unknown;
    readonly n?: number;
    readonly activity?: Activity;
    readonly following?: readonly string[];
    readonly via?: string;
    readonly socket?: number;
    readonly afterMs?: number;
    readonly answer?: string;
    readonly left?: boolean;
    readonly own?: string;
    readonly since?: string | null;
    readonly filter?: "everybody" | "count" | { readonly users: readonly string[] };
    readonly messages?: readonly string[];
  }
  const { scripts } = vectors<{ scripts: { name: string; steps: Step[] }[] }>("reading");
  const cursor: ServedTopic = {
    name: "Cursor",
    pattern: "boards:{board}:cursors",
    fingerprint: "",
    fields: {},
    schema: is.struct({ x: is.integer({ min: 0, max: 2 ** 32 - 1 }), typing: is.optional(is.boolean) }),
    ttlMs: 30_000,
    maxTtlMs: 300_000,
    graceMs: 10_000,
    throttleMs: 50,
    maxBytes: 1_024,
    decays: { typing: 3_000 },
    defaults: { typing: false },
  };
  const kind = new Kind(cursor, 1_000);
  const place = (name: string) => name.charCodeAt(0) - "a".charCodeAt(0);

  /** Ann has the key 000…, bob 111…, and so on. */
  function person(name: string): Actor {
    const session = sessionOf(place(name).toString(16).repeat(32));
    if (session === undefined) throw new Error("a key");
    return { session, user: name };
  }

  class Stage {
    topic = new Topic(kind.figures, "feed");
    readonly #readers = new Map<string, { readonly it: Subscriber; watching: Watching }>();
    readonly #heard: string[] = [];

    /** What a step answers or tells. */
    play(step: Step): unknown {
      const { at: now, who = "ann", n, afterMs } = step;
      this.topic.advance(now);
      const actor = person(who);
      const by = step.socket ?? place(who) + 1;
      switch (step.read ? "read" : step.do) {
        case "read":
          return this.#read(step);
        case "heartbeat": {
          const { activity, following, via } = step;
          const value = "value" in step ? kind.value(step.value, [], {}) : undefined;
          const http = via === "http";
          const lease = http ? { ttlMs: 30_000 } : { connection: by };
          const said = { lease, by: http ? undefined : by, value, n, activity, following };
          const done = this.topic.heartbeat(actor, said, now);
          return { answer: "refused" in done ? refusal(done).code : done.change };
        }
        case "leave": {
          const left = this.topic.leave(actor, { n, afterMs, by }, now);
          return { left: left === "now" || left === "later" };
        }
        case "disconnect":
          return void this.topic.disconnect(actor.session.id, by, now);
        case "kick":
          return void this.topic.kickSession(actor.session.id, now);
        case "close":
          return void this.topic.close(now);
        case "restart":
          this.topic = new Topic(kind.figures, "beef");
          return undefined;
        default:
          throw new Error(`nobody can do ${step.do}`);
      }
    }

    #read({ read: name = "", own, since, filter, at }: Step): unknown {
      const reader = this.#readers.get(name) ?? this.#subscribe(name, own);
      if (filter !== undefined) reader.watching = typeof filter === "string" ? filter : new Set(filter.users);
      if (since !== undefined || filter !== undefined) reader.it.want(reader.watching, since ?? undefined);
      reader.it.flush(this.topic, "boards:42:cursors", at);
      return { messages: this.#heard.splice(0) };
    }

    #subscribe(name: string, own?: string): { readonly it: Subscriber; watching: Watching } {
      const connection = own === undefined ? -1 : place(own) + 1;
      const it = new Subscriber(connection, "everybody", undefined, ({ json }) => this.#heard.push(json));
      const reader = { it, watching: "everybody" as Watching };
      this.#readers.set(name, reader);
      return reader;
    }
  }

  const played = scripts.filter(({ steps }) => steps.every((it) => !("hear" in it)));

  test.each(played)("$name", ({ steps }) => {
    const stage = new Stage();
    for (const step of steps) {
      const { messages, answer, left } = step;
      const told = stage.play(step);
      if (messages !== undefined) expect(told).toEqual({ messages });
      if (answer !== undefined) expect(told).toEqual({ answer });
      if (left !== undefined) expect(told).toEqual({ left });
    }
    expect(steps.length).toBeGreaterThan(1);
  });
});
