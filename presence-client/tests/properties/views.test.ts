/** What a client makes of what it is told: always what the server has, and nothing of it twice. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Entry } from "../../src/wire.js";
import { entryOpen } from "../../src/testing/wire/frames.js";
import { apply } from "../../src/apply.js";
import { compose, looksLike } from "../../src/view.js";
import type { Member, Members, Sight, View, ViewEvent } from "../../src/view.js";
import { Watch } from "../../src/watch.js";
import type { Ok, Subscribe } from "../../src/wire.js";
import { vectors } from "../vectors.js";
import { History, NAME, command, inParts } from "./histories.js";
import type { Command, Reader } from "./histories.js";
import { holds } from "./holds.js";

/** What the server has, in the order of joining. */
function present({ topic }: History): Entry[] {
  return Array.from(topic.entries.values(), (it) => JSON.parse(`${entryOpen(it)}}`) as Entry);
}

const shown = ({ member, user, value, activity, following, joinedMs }: Member | Entry) => ({ member, user, value, activity, following, joinedMs });

/** What there is to see: whoever came back looking the same was not seen to go. */
const looks = (members: Members) =>
  Object.fromEntries(Array.from(members.values(), ({ member, joinedMs: _1, updatedMs: _2, ...seen }) => [member, seen]));

function expectSame(members: Members, history: History): void {
  expect(Array.from(members.values(), shown)).toEqual(present(history).map(shown));
}

/** What happened follows from what was known: nobody joins twice, or leaves who was not there. */
function replay(known: Members, events: readonly ViewEvent[]): Members {
  const members = new Map(known);
  for (const event of events) {
    const { member } = event.member;
    if (event.type === "join") expect(members.has(member)).toBe(false);
    else expect(members.get(member)).toBe(event.type === "update" ? event.before : event.member);
    if (event.type === "leave") members.delete(member);
    else members.set(member, event.member);
  }
  return members;
}

/** Some commands between two looks. */
const turns = fc.array(fc.tuple(fc.array(command, { maxLength: 8 }), fc.array(fc.nat(20), { maxLength: 3 })), { maxLength: 12 });

describe("apply", () => {
  test("what is told adds up to what the server has, in parts or at once", () => {
    holds(turns, (turns) => {
      const history = new History();
      const reader = history.reader();
      let [whole, parted]: [Members, Members] = [new Map(), new Map()];
      for (const [commands, cuts] of turns) {
        for (const it of commands) history.do(it);
        for (const message of reader.read()) {
          const done = apply(whole, [message]);
          const replayed = replay(whole, done.events);
          expect(looks(replayed)).toEqual(looks(done.members));
          whole = done.members;
          parted = apply(parted, inParts(message, cuts)).members;
        }
        expectSame(whole, history);
        expectSame(parted, history);
      }
    });
  });

  test("who looks the same is the same object, also after a snapshot", () => {
    holds(turns, (turns) => {
      const history = new History();
      const reader = history.reader();
      let members: Members = new Map();
      for (const [commands, cuts] of turns) {
        for (const it of commands) history.do(it);
        // An odd count of cuts stands for somebody who has to begin anew.
        const messages = (cuts.length % 2 === 1 ? history.reader() : reader).read();
        for (const message of messages) {
          const before = members;
          const { members: after, events } = apply(before, [message]);
          const touched = new Set(events.map((it) => it.member.member));
          for (const [id, now] of after) {
            const then = before.get(id);
            if (then && !touched.has(id) && then.joinedMs === now.joinedMs) expect(now).toBe(then);
            if (then && touched.has(id) && events.filter((it) => it.member.member === id).every((it) => it.type === "update")) {
              expect(message.type === "snapshot" && looksLike(then, now)).toBe(false);
            }
          }
          if (message.type === "snapshot") {
            const gone = [...before.keys()].filter((id) => !after.has(id)).sort();
            const left = events.flatMap((it) => (it.type === "leave" ? [[it.member.member, it.reason]] : []));
            expect(left.sort()).toEqual(gone.map((id) => [id, "unseen"]));
            const came = [...after.keys()].filter((id) => !before.has(id));
            expect(events.flatMap((it) => (it.type === "join" ? [it.member.member] : []))).toEqual(came);
          }
          members = after;
        }
      }
    });
  });

  test("the golden messages say the same in any parts", () => {
    const { scripts } = vectors<{ scripts: { steps: { read?: string; messages?: string[] }[] }[] }>("reading");
    let compared = 0;
    for (const { steps } of scripts) {
      const known = new Map<string, Members>();
      for (const { read: name, messages = [] } of steps) {
        if (name === undefined) continue;
        for (const text of messages) {
          const message = JSON.parse(text) as Parameters<typeof inParts>[0];
          const before = known.get(name) ?? new Map();
          const { members, events } = apply(before, [message]);
          for (let a = 0; a < 6; a += 1) {
            for (let b = a; b < 6; b += 1) expect(apply(before, inParts(message, [a, b]))).toEqual({ members, events });
          }
          known.set(name, members);
          compared += 1;
        }
      }
    }
    expect(compared).toBeGreaterThan(30);
  });
});

describe("compose", () => {
  /** A look at the members by one of them, or by nobody. */
  const look = fc.record({
    self: fc.option(fc.nat(5), { nil: null }),
    status: fc.constantFrom<View["status"]>("live", "live", "live", "stale"),
    only: fc.option(fc.constantFrom("ann", "bo"), { nil: null }),
  });

  test("is what it is made of, and what is as before is the same object", () => {
    holds(fc.array(fc.tuple(fc.array(command, { maxLength: 3 }), look)), (turns) => {
      const history = new History();
      const reader = history.reader();
      let members: Members = new Map();
      let before: View | undefined;
      for (const [commands, { self: who, status, only }] of turns) {
        for (const it of commands) history.do(it);
        for (const message of reader.read()) members = apply(members, [message]).members;
        const self = (who !== null && [...members.values()][who]) || null;
        const own = self ? { member: self.member, user: self.user } : undefined;
        const sight: Sight = {
          members,
          self,
          own,
          status,
          error: null,
          asOf: null,
          following: self?.following ?? [],
          counts: undefined,
          ...(only !== null && { only: (it: Member) => it.user === only }),
        };
        const view = compose(before, sight);
        const anew = compose(undefined, sight);
        expect(view).toEqual(anew);
        expect(compose(view, sight)).toBe(view);
        expect(view.members.every((it) => it === members.get(it.member))).toBe(true);
        expect(view.users.flatMap((it) => it.members).length).toBe(view.members.length);
        if (before) expectShared(before, view);
        before = view;
      }
    });
  });

  /** Whatever holds the same things as before is the same as before. */
  function expectShared(before: View, after: View): void {
    const same = (a: readonly unknown[], b: readonly unknown[]) => a.length === b.length && a.every((it, i) => it === b[i]);
    for (const key of ["others", "members", "users", "following", "followers"] as const) {
      if (same(before[key], after[key])) expect(after[key]).toBe(before[key]);
    }
    for (const user of after.users) {
      const then = before.users.find((it) => it.user === user.user);
      if (then && same(then.members, user.members)) expect(user).toBe(then);
    }
  }
});

describe("a watch", () => {
  /** Commands, and what becomes of the connection then. */
  const story = fc.array(fc.tuple(fc.array(command, { maxLength: 6 }), fc.constantFrom("stays", "stays", "lost", "half")), { maxLength: 14 });

  test("has what the server has after every connection, however they end", () => {
    holds(story, (turns) => {
      const history = new History();
      const world = new World(history);
      for (const [commands, connection] of turns) {
        for (const it of commands) history.do(it);
        if (connection === "half") world.loseHalfway();
        if (connection === "lost") world.lose();
        world.hear();
        expectSame(world.watch.members, history);
        // Whoever resumes hears where that is; else the position may move on in silence.
        if (connection !== "stays") expect(world.watch.at).toBe(history.topic.at);
        expect([...world.seen].sort()).toEqual([...world.watch.members.keys()].sort());
      }
    });
  });

  test("says nothing of what it has not heard to its end", () => {
    holds(fc.array(command, { minLength: 1, maxLength: 10 }), (commands: readonly Command[]) => {
      const history = new History();
      const world = new World(history);
      world.hear();
      for (const it of commands) history.do(it);
      const before = world.watch.members;
      world.loseHalfway();
      expect(world.watch.members).toBe(before);
    });
  });

  /** A client's side of a connection to a history. */
  class World {
    readonly watch: Watch;
    /** Who was seen to join and not to leave. */
    readonly seen = new Set<string>();
    #reader: Reader | undefined;

    constructor(history: History) {
      const wire = {
        open: true,
        now: () => history.now,
        random: () => 0,
        setTimeout: () => 0,
        report: () => {},
        ask: (message: unknown, done: (answer: Ok) => void) => {
          const { since } = message as Subscribe;
          this.#reader = history.reader("everybody", since);
          done({ type: "ok", id: 1 });
        },
      };
      this.watch = new Watch(NAME, wire, (events) => this.#see(events));
      this.watch.want("everybody");
    }

    hear(): void {
      for (const it of this.#reader?.read() ?? []) this.#see(this.watch.hear(it));
    }

    lose(): void {
      this.watch.lost();
      this.watch.welcome();
    }

    /** The connection breaks between two parts. */
    loseHalfway(): void {
      for (const it of this.#reader?.read() ?? []) {
        const [first] = inParts(it, [1]);
        if (first) this.#see(this.watch.hear(first));
      }
      this.lose();
    }

    #see(events: readonly ViewEvent[]): void {
      for (const { type, member } of events) {
        if (type === "join") this.seen.add(member.member);
        if (type === "leave") this.seen.delete(member.member);
      }
    }
  }
});
