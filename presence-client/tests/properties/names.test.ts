/** Names, waits and what somebody wants to hear of: small functions, for whatever there is. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { backoff } from "../../src/backoff.js";
import { PresenceError } from "../../src/error.js";
import { equal } from "../../src/equal.js";
import { union } from "../../src/lens.js";
import { topicName } from "../../src/name.js";
import { checkTopic, match } from "../../src/testing/hub/names.js";
import { holds } from "./holds.js";

const ALPHABET = "ABCxyz019_.~@-";
const segment = fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 1, maxLength: 40 });
const key = fc.constantFrom("board", "room", "__proto__", "constructor", "a b", "0");
/** Some segments of a pattern, no parameter twice. */
const pattern = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.uniqueArray(fc.tuple(key, segment), { selector: ([it]) => it, maxLength: 3 }))
  .map(([literals, parameters]) => ({
    pattern: [...literals, ...parameters.map(([name]) => `{${name}}`)].join(":"),
    parameters,
  }));

test("a topic's parameters are found in its name", () => {
  holds(pattern, ({ pattern, parameters }) => {
    const given = Object.fromEntries(parameters);
    const name = topicName(pattern, given);
    expect(match(pattern, name)).toEqual(given);
    if (!["ws", "users", ".", ".."].includes(name)) expect(() => checkTopic(name)).not.toThrow();
  });
});

test("what is no segment of a topic is refused, whatever it is", () => {
  const bad = fc.string({ unit: "grapheme" }).filter((it) => !/^[A-Za-z0-9_.~@-]{1,128}$/.test(it));
  holds(fc.oneof(bad, fc.constant("a".repeat(129)), fc.constant("a\n")), (text) => {
    expect(() => topicName("boards:{board}", { board: text })).toThrow(PresenceError);
    expect(match("boards:{board}", `boards:${text}`)).toBeUndefined();
  });
});

test("a wait is within its bounds, and all of them are used", () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true });
  holds(fc.tuple(fc.nat(5_000), random, fc.nat(100_000)), ([attempt, random, atLeast]) => {
    const ceiling = Math.min(30_000, 500 * 2 ** attempt);
    const wait = backoff(attempt, random, atLeast);
    expect(Number.isInteger(wait)).toBe(true);
    expect(wait).toBeGreaterThanOrEqual(atLeast);
    expect(wait).toBeLessThanOrEqual(atLeast + ceiling);
    expect([backoff(attempt, 0, atLeast), backoff(attempt, 1, atLeast)]).toEqual([atLeast, atLeast + ceiling]);
  });
});

test("values are equal exactly when they are the same JSON, whatever the order of keys", () => {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value;
    return { of: Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, it]) => [key, sorted(it)]) };
  };
  const json = fc.json({ maxDepth: 3 }).map((it) => JSON.parse(it) as unknown);
  const reversed = (value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).reverse()) : value;
  holds(fc.tuple(json, json), ([a, b]) => {
    expect(equal(a, structuredClone(a))).toBe(true);
    expect(equal(a, reversed(a))).toBe(true);
    expect(equal(a, b)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
  });
});

test("what the server is asked for covers what everybody looks at, and not more where it can be less", () => {
  const users = fc.array(fc.constantFrom("ann", "bo", "cid"), { maxLength: 3 }).map((it) => ({ users: it }));
  const filter = fc.oneof(fc.constantFrom("everybody" as const, "count" as const, "following" as const), users);
  holds(fc.array(filter, { maxLength: 4 }), (filters) => {
    const asked = union(filters);
    expect(asked === undefined).toBe(filters.length === 0);
    if (asked === undefined || asked === "everybody") return;
    for (const it of filters) {
      if (typeof asked === "string") expect(it).toBe(asked);
      else expect(typeof it === "object" && it.users.every((user) => asked.users.includes(user))).toBe(true);
    }
  });
});
