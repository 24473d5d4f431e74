import { expect, test } from "vitest";
import { check } from "./check.js";
import { PresenceError } from "./error.js";

function verdict(value: unknown, maxBytes = 1_024): string {
  try {
    check(value, maxBytes);
    return "fine";
  } catch (error) {
    if (!(error instanceof PresenceError)) throw error;
    return `${error.code} ${error.details.map((it) => `${it.path} ${it.rule}`).join(", ")}`;
  }
}

test("JSON is fine", () => {
  for (const value of [null, true, 0, -1.5, "a\tb\n", "🧑‍🚀", [1, [2]], { a: { b: [] } }]) {
    expect(verdict(value)).toBe("fine");
  }
});

test("what is no JSON is named by its place, all of it at once", () => {
  const value = { x: Number.NaN, "a/b~": ["ok", "\u0000"], f: () => 1, big: 1n };
  expect(verdict(value)).toBe("invalid_value /x type, /a~1b~0/1 control, /f type, /big type");
});

test("half of a surrogate pair is no text", () => {
  expect(verdict("\ud83d")).toBe("invalid_value  control");
});

test("depth ends", () => {
  let value: unknown = 1;
  for (let i = 0; i < 17; i += 1) value = [value];
  expect(verdict(value)).toMatch(/invalid_value .* depth/);
});

test("bytes are counted as UTF-8", () => {
  expect(verdict("äö", 6)).toBe("fine");
  expect(verdict("äö", 5)).toBe("too_large  maxBytes");
});

test("the caller can do what they like with the value afterwards", () => {
  const mine = { list: [1], gone: undefined };
  const copy = check(mine, 100);
  mine.list.push(2);
  expect(copy).toEqual({ list: [1] });
  expect(copy).not.toHaveProperty("gone");
});
