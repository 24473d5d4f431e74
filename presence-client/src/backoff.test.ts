import { expect, test } from "vitest";
import { backoff } from "./backoff.js";

test("the ceiling doubles from half a second to half a minute", () => {
  const ceilings = [0, 1, 2, 5, 6, 7, 1_000].map((attempt) => backoff(attempt, 1));
  expect(ceilings).toEqual([500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000]);
});

test("the jitter is full", () => {
  expect(backoff(3, 0)).toBe(0);
  expect(backoff(3, 0.5)).toBe(2_000);
});

test("what the server asks for comes on top", () => {
  expect(backoff(0, 0, 3_000)).toBe(3_000);
  expect(backoff(0, 1, 3_000)).toBe(3_500);
});
