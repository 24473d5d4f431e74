import { expect, test } from "vitest";
import { cursor, selection, status, typing } from "../../generated/index.js";
import { check } from "./check.js";
import type { AnyTopic } from "./descriptor.js";
import { PresenceError } from "./error.js";

function verdict(value: unknown, type: AnyTopic = cursor): string {
  try {
    check(value, type);
    return "fine";
  } catch (error) {
    if (!(error instanceof PresenceError)) throw error;
    return `${error.code} ${error.details.map((it) => `${it.path} ${it.rule}`).join(", ")}`;
  }
}

const ann = { x: 1, y: 2, label: "Ann" };

test("what the server takes is fine", () => {
  expect(verdict(ann)).toBe("fine");
  expect(verdict({ ...ann, label: "🧑‍🚀\t\n", tool: "pen", typing: true })).toBe("fine");
  expect(verdict({ ...ann, tool: undefined })).toBe("fine");
  expect(verdict({ availability: { state: "busy", minutes: null } }, status)).toBe("fine");
  expect(verdict({}, typing)).toBe("fine");
});

test("everything that is wrong is named by its place at once", () => {
  const value = { x: Number.NaN, y: -1, label: "a".repeat(33), tol: "pen" };
  expect(verdict(value)).toBe("invalid_value /x type, /y min, /label maxChars, /tol unknown");
  expect(verdict({ x: "1", y: 1n, label: () => "Ann" })).toBe("invalid_value /x type, /y type, /label type");
  const ranges = [{ anchor: 1.5, head: 2 ** 32 }, [1, 2], { anchor: 1 }];
  expect(verdict({ ranges }, selection)).toBe(
    "invalid_value /ranges/0/anchor type, /ranges/0/head max, /ranges/1 type, /ranges/2/head required",
  );
});

test("an error says what is wrong", () => {
  const wrong = () => check({ ...ann, x: -1, lable: "Bo" }, cursor);
  expect(wrong).toThrow(
    "invalid value: /x: expected a number from 0 to 100000, found -1; /lable: expected the key `label`, found the key `lable`",
  );
});

test("what JSON does not carry is no value", () => {
  expect(verdict(undefined)).toBe("invalid_value  type");
  expect(verdict(new Date(0))).toBe("invalid_value  type");
  expect(verdict({ ...ann, label: "\ud83d" })).toBe("invalid_value /label json");
  const endless: { self?: unknown } = {};
  endless.self = endless;
  expect(verdict({ ...ann, endless })).toMatch(/^invalid_value \/endless(\/self)+ depth, \/endless unknown$/);
});

test("what every object has is no field", () => {
  const value = JSON.parse('{"x":1,"y":2,"label":"Ann","__proto__":{"tool":"pen"},"toString":1}');
  expect(verdict(value)).toBe("invalid_value /__proto__ unknown, /toString unknown");
  expect(verdict({ ...ann, tool: "constructor" })).toBe("invalid_value /tool variant");
  expect(verdict({ availability: { state: "toString" } }, status)).toBe("invalid_value /availability/state variant");
  expect(verdict(Object.create(ann))).toBe("invalid_value /x required, /y required, /label required");
});

test("the caller can do what they like with the value afterwards", () => {
  const mine = { ranges: [{ anchor: 1, head: 2 }], activeRange: undefined };
  const copy = check(mine, selection);
  mine.ranges.pop();
  expect(copy).toEqual({ ranges: [{ anchor: 1, head: 2 }] });
  expect(copy).not.toHaveProperty("activeRange");
});
