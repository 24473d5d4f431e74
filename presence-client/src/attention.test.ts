import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakePage } from "../tests/fakes.js";
import { Attention } from "./attention.js";
import { realEnvironment } from "./world.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;

function attentive(page: FakePage | undefined) {
  const seen: string[] = [];
  const attention: Attention = new Attention(realEnvironment(), page, () => {
    seen.push(attention.activity);
  });
  return { attention, seen };
}

test("without input somebody is idle after a minute and away after five", () => {
  const { attention, seen } = attentive(new FakePage());
  expect(attention.activity).toBe("active");
  vi.advanceTimersByTime(MINUTE - 1);
  expect(seen).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual(["idle"]);
  vi.advanceTimersByTime(4 * MINUTE);
  expect(seen).toEqual(["idle", "away"]);
  attention.input();
  expect(seen).toEqual(["idle", "away", "active"]);
});

test("input holds it up, and says nothing while nothing changes", () => {
  const { attention, seen } = attentive(new FakePage());
  for (let second = 0; second < 600; second += 1) {
    vi.advanceTimersByTime(1_000);
    attention.input();
  }
  expect(seen).toEqual([]);
  vi.advanceTimersByTime(MINUTE);
  expect(seen).toEqual(["idle"]);
});

test("a hidden page is away at once, and back as it was left", () => {
  const page = new FakePage();
  const { attention, seen } = attentive(page);
  page.hidden = true;
  attention.look();
  page.hidden = false;
  attention.look();
  expect(seen).toEqual(["away", "active"]);
});

test("without a page nobody is ever away, and no timer runs", () => {
  const { attention, seen } = attentive(undefined);
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(10 * MINUTE);
  expect([attention.activity, ...seen]).toEqual(["active"]);
});

test("stopped, it looks no more", () => {
  const { attention } = attentive(new FakePage());
  attention.stop();
  expect(vi.getTimerCount()).toBe(0);
});
