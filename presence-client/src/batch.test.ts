import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { changes, run, shown, watching } from "../tests/board.js";
import { World, entry } from "../tests/fakes.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A world that paints when the test says so. */
class Screen extends World {
  readonly #waiting: (() => void)[];
  painted = true;

  constructor() {
    const waiting: (() => void)[] = [];
    super({ frame: (run) => this.painted && waiting.push(run) > 0 });
    this.#waiting = waiting;
  }

  paint(): void {
    for (const run of this.#waiting.splice(0)) run();
  }
}

async function onScreen(pace?: "microtask" | number) {
  const screen = new Screen();
  screen.painted = false;
  const { board } = await watching(pace === undefined ? {} : { pace }, screen);
  screen.painted = true;
  const seen: number[] = [];
  board.onChange((view) => seen.push(view.others.length));
  const joins = (...users: string[]) => {
    for (const user of users) screen.socket.say(changes({ joined: [entry(user, shown)] }));
  };
  return { screen, board, seen, joins };
}

describe("listeners are told", () => {
  test("once a frame, of what is then; what is asked for is as new as can be", async () => {
    const { screen, board, seen, joins } = await onScreen();
    joins("dan");
    await run();
    joins("eve");
    await run();
    expect(board.value().others.length).toBe(4);
    expect(seen).toEqual([]);
    screen.paint();
    expect(seen).toEqual([4]);
    screen.paint();
    expect(seen).toEqual([4]);
  });

  test("at once on a page that is not painted", async () => {
    const { screen, seen, joins } = await onScreen();
    screen.painted = false;
    joins("dan");
    await run();
    expect(seen).toEqual([3]);
  });

  test("of what waited for a frame, when the page is hidden before it comes", async () => {
    const { screen, seen, joins } = await onScreen();
    joins("dan");
    screen.page.turn("hide");
    expect(seen).toEqual([3]);
  });

  test("although no frame comes, as in a frame that is scrolled away", async () => {
    const { seen, joins } = await onScreen();
    joins("dan");
    await run(249);
    expect(seen).toEqual([]);
    await run(1);
    expect(seen).toEqual([3]);
  });

  test("as often as the application asks for", async () => {
    const { seen, joins } = await onScreen(100);
    joins("dan");
    await run(99);
    joins("eve");
    expect(seen).toEqual([]);
    await run(1);
    expect(seen).toEqual([4]);
  });

  test("with the next microtask where that is asked for", async () => {
    const { seen, joins } = await onScreen("microtask");
    joins("dan", "eve");
    await run();
    expect(seen).toEqual([4]);
  });
});
