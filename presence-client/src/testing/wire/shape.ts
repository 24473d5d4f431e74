/** Envelopes: the form of messages and bodies, so that whatever is wrong in one is said with its place. */

import type { Detail } from "../../error.js";

/** What a field holds. */
export type Shape = "text" | "texts" | "users" | "flag" | "count" | "activity" | "any" | "filter" | { readonly list: Fields };

/** The fields of an envelope; those with a `?` may be left out. */
export type Fields = { readonly [field: string]: Shape };

/** Most users somebody can follow, or a filter can name. */
const MOST_USERS = 128;
const MOST_TOPICS = 128;
const ACTIVITIES = ["active", "idle", "away"];
const FILTERS = ["everybody", "count", "following"];

/** Everything that is wrong with an envelope. */
export function explain(fields: Fields, value: unknown, path = ""): Detail[] {
  if (!isObject(value)) return [wrong(path, "type", "an object", value)];
  const shapes = new Map(Object.entries(fields).map(([key, shape]) => [key.replace("?", ""), shape]));
  const found = Object.entries(value).flatMap(([key, it]): Detail[] => {
    const shape = shapes.get(key);
    if (shape !== undefined) return look(shape, it, `${path}/${escaped(key)}`);
    const known = [...shapes.keys()].map((name) => `\`${name}\``).join(", ");
    return [{ path: `${path}/${escaped(key)}`, rule: "unknown", expected: `one of the keys ${known}`, found: `the key \`${key.slice(0, 64)}\`` }];
  });
  for (const key of Object.keys(fields)) {
    if (key.endsWith("?") || Object.hasOwn(value, key)) continue;
    found.push({ path: `${path}/${key}`, rule: "required", expected: `the key \`${key}\``, found: "none" });
  }
  return found;
}

function look(shape: Shape, value: unknown, path: string): Detail[] {
  const unless = (good: boolean, expected: string) => (good ? [] : [wrong(path, "type", expected, value)]);
  switch (shape) {
    case "any":
      return [];
    case "text":
      return unless(typeof value === "string", "a string");
    case "flag":
      return unless(typeof value === "boolean", "true or false");
    case "count": {
      const expected = `an integer from 0 to ${Number.MAX_SAFE_INTEGER}`;
      if (!Number.isInteger(value)) return unless(false, expected);
      if (Number(value) < 0) return [wrong(path, "min", expected, value)];
      return Number(value) <= Number.MAX_SAFE_INTEGER ? [] : [wrong(path, "max", expected, value)];
    }
    case "activity":
      return oneOf(ACTIVITIES, value, path);
    case "filter":
      if (!isObject(value)) return oneOf(FILTERS, value, path);
      if (Object.keys(value).length !== 1 || !Object.hasOwn(value, "users")) {
        return [wrong(path, "type", "a filter", value)];
      }
      return look("users", value["users"], `${path}/users`);
    case "users":
    case "texts": {
      const expected = "an array" + (shape === "users" ? ` of at most ${MOST_USERS} items` : "");
      if (!Array.isArray(value)) return unless(false, expected);
      if (shape === "users" && value.length > MOST_USERS) return [tooMany(path, expected, value)];
      return value.flatMap((it, i) => look("text", it, `${path}/${i}`));
    }
    default: {
      const expected = `an array of at most ${MOST_TOPICS} items`;
      if (!Array.isArray(value)) return unless(false, expected);
      if (value.length > MOST_TOPICS) return [tooMany(path, expected, value)];
      return value.flatMap((it, i) => explain(shape.list, it, `${path}/${i}`));
    }
  }
}

function oneOf(names: readonly string[], value: unknown, path: string): Detail[] {
  const expected = `one of ${names.map((it) => `\`${it}\``).join(", ")}`;
  if (typeof value !== "string") return [wrong(path, "type", expected, value)];
  return names.includes(value) ? [] : [wrong(path, "variant", expected, value)];
}

function tooMany(path: string, expected: string, { length }: readonly unknown[]): Detail {
  return { path, rule: "maxItems", expected, found: `${length} items` };
}

function wrong(path: string, rule: string, expected: string, value: unknown): Detail {
  return { path, rule, expected, found: (JSON.stringify(value) ?? "nothing").slice(0, 64) };
}

/** Whether it is an object of JSON, and no array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
