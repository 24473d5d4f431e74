import { expect, test } from "vitest";
import { FakePage, FakeSocket } from "../tests/fakes.js";
import { realEnvironment } from "./world.js";
import { socketLine } from "./line.js";
import type { Snapshot } from "./wire.js";

const part = (nowMs: number): Snapshot => ({ type: "snapshot", topic: "boards:42:cursors", nowMs, counts: { members: 0, users: 0 }, entries: [] });

/** A line of which every message takes 5 ms to be heard, on a page whose turns the test gives. */
function listening() {
  const [socket, page] = [new FakeSocket(), new FakePage()];
  const heard: unknown[] = [];
  const turns: (() => void)[] = [];
  let time = 0;
  const environment = { ...realEnvironment(), page, connect: () => socket, now: () => time, breathe: (run: () => void) => void turns.push(run) };
  const line = socketLine(environment, "ws://x", {
    opened: () => {},
    heard: (message) => {
      time += 5;
      heard.push((message as Snapshot).nowMs);
    },
    ended: (code) => void heard.push(`ended ${code}`),
  });
  const say = (...parts: readonly number[]) => {
    for (const it of parts) socket.say(part(it));
  };
  const turn = () => {
    for (const run of turns.splice(0)) run();
  };
  return { socket, page, heard, line, say, turn };
}

test("the page has its turn while much is heard at once, and nothing is heard out of order", () => {
  const { heard, say, turn } = listening();
  say(1, 2, 3, 4, 5, 6, 7, 8);
  expect(heard).toEqual([1, 2, 3]);
  turn();
  expect(heard).toEqual([1, 2, 3, 4, 5, 6]);
  say(9);
  expect(heard).toEqual([1, 2, 3, 4, 5, 6]);
  turn();
  turn();
  expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  say(10);
  turn();
  expect(heard.at(-1)).toBe(10);
});

test("a hidden page hears everything at once, what it put off before that too", () => {
  const { heard, say, turn, page } = listening();
  say(1, 2, 3, 4);
  page.turn("hide");
  say(5, 6, 7, 8);
  expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  turn();
  expect(heard).toHaveLength(8);
});

test("what was said before the end is heard before it, and nothing after a line was closed", () => {
  const ended = listening();
  ended.say(1, 2, 3, 4, 5);
  ended.socket.end(1006);
  expect(ended.heard).toEqual([1, 2, 3, 4, 5, "ended 1006"]);

  // A listener may end it while much is put off.
  const closed = listening();
  closed.say(1, 2, 3, 4, 5);
  closed.line.close();
  closed.turn();
  expect(closed.heard).toEqual([1, 2, 3]);
});
