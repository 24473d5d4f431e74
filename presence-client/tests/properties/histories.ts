/** Random histories of a topic, played on the plainest topic there is. */

import fc from "fast-check";
import { Kind } from "../../src/testing/hub/kind.js";
import { Subscriber } from "../../src/testing/hub/subscriber.js";
import type { Watching } from "../../src/testing/hub/subscriber.js";
import { sessionOf } from "../../src/testing/topic/session.js";
import type { Actor } from "../../src/testing/topic/session.js";
import { Topic } from "../../src/testing/topic/topic.js";
import { cursor } from "../../../generated/index.js";
import type { Activity, Changes, Snapshot } from "../../src/wire.js";

/** So many sessions there are; every user has two of them. */
export const PEOPLE = 6;
/** The topic. */
export const NAME = "boards:42:cursors";

/** What somebody does. */
export type Command =
  | { readonly type: "beat"; readonly who: number; readonly x: number; readonly typing: boolean; readonly activity: Activity; readonly follows: number }
  | { readonly type: "leave"; readonly who: number; readonly afterMs: number }
  | { readonly type: "lose"; readonly who: number }
  | { readonly type: "kick"; readonly who: number }
  | { readonly type: "wait"; readonly ms: number }
  | { readonly type: "restart" };

const who = fc.nat(PEOPLE - 1);
const activity = fc.constantFrom<Activity>("active", "idle", "away");

/** Something that somebody does; mostly heartbeats, rarely a restart. */
export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ type: fc.constant("beat" as const), who, x: fc.nat(3), typing: fc.boolean(), activity, follows: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("leave" as const), who, afterMs: fc.constantFrom(0, 0, 2_000) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("lose" as const), who }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("kick" as const), who }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.constantFrom(1, 60, 3_000, 10_000, 70_000) }) },
  { weight: 1, arbitrary: fc.constant({ type: "restart" as const }) },
);

const people: readonly Actor[] = Array.from({ length: PEOPLE }, (_, i) => {
  const session = sessionOf(i.toString(16).repeat(32));
  if (session === undefined) throw new Error("a key");
  return { session, user: ["ann", "bo", "cid"][i % 3] ?? "" };
});

/** A topic with a past. */
export class History {
  readonly #kind = new Kind(cursor, 1_000_000);
  #epoch = 0x8000;
  topic = new Topic(this.#kind.figures, this.#epoch.toString(16));
  now = 1_000;

  do(command: Command): void {
    const { topic, now } = this;
    topic.advance(now);
    switch (command.type) {
      case "beat": {
        const { who, x, typing, activity, follows } = command;
        const value = this.#kind.value({ x, y: 0, label: `of ${who}`, typing }, [], {});
        const following = ["ann", "bo"].slice(0, follows);
        topic.heartbeat(actorOf(who), { lease: { connection: who + 1 }, by: who + 1, value, activity, following }, now);
        return;
      }
      case "leave":
        return void topic.leave(actorOf(command.who), { afterMs: command.afterMs, by: command.who + 1 }, now);
      case "lose":
        return topic.disconnect(actorOf(command.who).session.id, command.who + 1, now);
      case "kick":
        return void topic.kickSession(actorOf(command.who).session.id, now);
      case "wait":
        this.now += command.ms;
        return;
      case "restart":
        this.#epoch += 1;
        this.topic = new Topic(this.#kind.figures, this.#epoch.toString(16));
        return;
    }
  }

  /** Somebody who watches, and is nobody of those who are there. */
  reader(watching: Watching = "everybody", since?: string): Reader {
    return new Reader(this, watching, since);
  }
}

/** Somebody who is told of a history. */
export class Reader {
  readonly #history: History;
  readonly #told: string[] = [];
  readonly #subscriber: Subscriber;

  constructor(history: History, watching: Watching, since: string | undefined) {
    this.#history = history;
    this.#subscriber = new Subscriber(0, watching, since, ({ json }) => this.#told.push(json));
  }

  /** What is new, as messages. */
  read(): (Snapshot | Changes)[] {
    const { topic, now } = this.#history;
    topic.advance(now);
    this.#subscriber.flush(topic, NAME, now);
    return this.#told.splice(0).map((it) => JSON.parse(it) as Snapshot | Changes);
  }
}

function actorOf(number: number): Actor {
  const actor = people[number];
  if (actor === undefined) throw new Error(`nobody is ${number}`);
  return actor;
}

type Lists = { entries?: readonly unknown[]; left?: readonly unknown[]; joined?: readonly unknown[]; updated?: readonly unknown[] };
const LISTS = ["entries", "left", "joined", "updated"] as const;

/** The same message in as many parts as there are cuts, each between two of its things. */
export function inParts(message: Snapshot | Changes, cuts: readonly number[]): (Snapshot | Changes)[] {
  const lists = message as Lists;
  const things = LISTS.flatMap((list) => (lists[list] ?? []).map((it) => [list, it] as const));
  const { at, ...whole } = message;
  const { entries: _1, left: _2, joined: _3, updated: _4, ...head } = whole as Lists & typeof whole;
  const places = [0, ...cuts.map((it) => it % (things.length + 1)).sort((a, b) => a - b), things.length];
  return places.slice(1).map((end, i) => {
    const part: Record<string, unknown> = { ...head, ...(message.type === "snapshot" && { entries: [] }) };
    for (const [list, thing] of things.slice(places[i], end)) part[list] = [...((part[list] as unknown[]) ?? []), thing];
    if (i === places.length - 2) part["at"] = at;
    else part["more"] = true;
    return part as unknown as Snapshot | Changes;
  });
}
