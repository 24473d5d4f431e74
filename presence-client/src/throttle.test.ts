import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { realEnvironment } from "./world.js";
import { Throttle } from "./throttle.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A throttle that writes down the value it finds when it runs. */
function writing() {
  const written: string[] = [];
  const start = performance.now();
  let value = 0;
  const throttle = new Throttle(realEnvironment(), 50, () => {
    written.push(`${value} at ${performance.now() - start}`);
  });
  return {
    throttle,
    written,
    set(next: number) {
      value = next;
      throttle.call();
    },
  };
}

test("the first goes out at once, the last at the end of the interval, those between never", () => {
  const { set, written } = writing();
  for (const value of [1, 2, 3, 4]) set(value);
  expect(written).toEqual(["1 at 0"]);
  vi.advanceTimersByTime(1_000);
  expect(written).toEqual(["1 at 0", "4 at 50"]);
});

test("after a quiet time the next goes out at once", () => {
  const { set, written } = writing();
  set(1);
  vi.advanceTimersByTime(50);
  set(2);
  expect(written).toEqual(["1 at 0", "2 at 50"]);
});

test("a steady stream runs once an interval", () => {
  const { set, written } = writing();
  for (let value = 0; value < 100; value += 1) {
    set(value);
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(50);
  expect(written.length).toBe(21);
  expect(written.at(-1)).toBe("99 at 1000");
});

test("flush runs what waits, and nothing when nothing does", () => {
  const { set, throttle, written } = writing();
  set(1);
  throttle.flush();
  set(2);
  throttle.flush();
  vi.advanceTimersByTime(1_000);
  expect(written).toEqual(["1 at 0", "2 at 0"]);
});

test("cancel forgets what waits", () => {
  const { set, throttle, written } = writing();
  set(1);
  set(2);
  throttle.cancel();
  vi.advanceTimersByTime(1_000);
  expect(written).toEqual(["1 at 0"]);
});

test("the interval can be the server's", () => {
  const { set, throttle, written } = writing();
  throttle.intervalMs = 200;
  set(1);
  set(2);
  vi.advanceTimersByTime(1_000);
  expect(written).toEqual(["1 at 0", "2 at 200"]);
});
