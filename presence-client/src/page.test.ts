/** What a client does when something happens to its page; the test is the server. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TOPIC, ann, boardOf, run, watching } from "../tests/board.js";
import { World } from "../tests/fakes.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the page", () => {
  test("leaves a little later at its end, and a return with a larger n stays", async () => {
    const world = new World();
    const client = world.client();
    const board = boardOf(client);
    await Promise.all([board.heartbeat(ann), run()]);
    world.page.turn("end");
    const session = world.socket.all("hello")[0]?.session;
    expect(world.posted).toEqual([
      {
        url: `https://example.org/presence/${TOPIC}/leave`,
        body: { session, n: 2, afterMs: 2_000 },
      },
    ]);
    // A page that holds a connection is not kept to be returned to.
    expect(world.socket.closed).toBe(true);
    expect(client.status).toMatchObject({ state: "stale", retryAt: null });
    await run(600_000);
    expect(world.sockets.length).toBe(1);
    world.page.turn("return");
    await run();
    expect(world.socket.all("heartbeat").at(-1)).toMatchObject({ value: ann, n: 3 });
    expect(client.status.state).toBe("live");
  });

  test("says nothing more after its goodbye, although it is hidden last", async () => {
    const world = new World();
    await Promise.all([boardOf(world.client()).heartbeat(ann), run()]);
    const said = world.socket.sent.length;
    world.page.turn("end");
    world.page.turn("hide");
    await run(2_000);
    expect(world.socket.sent.slice(said)).toEqual([]);
  });

  test("after a reload it is the same session, and its n is larger", async () => {
    const world = new World();
    await Promise.all([boardOf(world.client()).heartbeat(ann), run()]);
    world.page.turn("end");
    await Promise.all([boardOf(world.client()).heartbeat(ann), run()]);
    const [before, after] = world.sockets;
    expect(after?.all("hello")[0]?.session).toBe(before?.all("hello")[0]?.session);
    expect(after?.all("heartbeat")[0]?.n).toBeGreaterThan(2);
  });

  test("hidden is away, and values that wait go out before", async () => {
    const world = new World();
    const board = boardOf(world.client());
    await Promise.all([board.heartbeat(ann), run()]);
    board.update({ x: 8 });
    world.page.turn("hide");
    expect(world.socket.sent.slice(-2)).toEqual([
      expect.objectContaining({ type: "heartbeat", value: { ...ann, x: 8 } }),
      { type: "activity", activity: "away", hidden: true, n: 3 },
    ]);
    expect(board.value().self?.activity).toBe("away");
    world.page.turn("show");
    expect(world.socket.all("activity").at(1)).toMatchObject({ activity: "active", hidden: false });
    await run(60);
    board.update({ x: 9 });
    expect(world.socket.all("heartbeat").at(-1)?.n).toBe(5);
  });

  test("announced while hidden, one is away from the beginning", async () => {
    const world = new World();
    world.page.hidden = true;
    await Promise.all([boardOf(world.client()).heartbeat(ann), run()]);
    expect(world.socket.all("heartbeat")[0]).toMatchObject({ activity: "away", hidden: true });
  });

  test("nobody touches it, so one is idle, and active again with the first touch", async () => {
    const { world, board } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    await run(60_000);
    expect(board.value().self?.activity).toBe("idle");
    world.page.turn("input");
    world.page.turn("input");
    const told = world.socket.all("activity").filter((it) => it.id === undefined);
    expect(told.map((it) => it.activity)).toEqual(["idle", "active"]);
  });

  test("looked at again, a socket that has long been silent is asked", async () => {
    const { world } = await watching();
    await run(5_000);
    world.page.turn("show");
    expect(world.socket.all("activity")).toEqual([]);
    await run(1);
    world.page.turn("show");
    expect(world.socket.all("activity")).toMatchObject([{ id: expect.any(Number) }]);
  });

  test("the network is back, so nobody waits any longer", async () => {
    const { world } = await watching();
    world.socket.end(1006);
    await run(1);
    world.page.turn("online");
    expect(world.sockets.length).toBe(2);
  });

  test("that is frozen says what waits before, and asks when it is resumed", async () => {
    const { world, board } = await watching();
    board.heartbeat(ann);
    board.update({ x: 8 });
    world.page.turn("freeze");
    expect(world.socket.all("heartbeat").at(-1)?.value).toEqual({ ...ann, x: 8 });
    await run();
    expect(world.socket.all("activity")).toEqual([]);
    world.page.turn("resume");
    expect(world.socket.all("activity")).toMatchObject([{ id: expect.any(Number) }]);
  });

  test.each(["offline", "online"] as const)("whose network is another (%s) asks at once whether the server is there", async (event) => {
    const { world, client } = await watching();
    world.answering = false;
    world.page.turn(event);
    expect(world.socket.all("activity")).toMatchObject([{ id: expect.any(Number) }]);
    await run(4_999);
    expect(client.status.state).toBe("live");
    await run(1);
    expect(client.status.state).toBe("stale");
  });

  test("on a machine that slept asks within seconds, whatever clock stood still", async () => {
    for (const sleep of ["both clocks", "the wall clock"] as const) {
      let slept = 0;
      const now = () => performance.now() + (sleep === "both clocks" ? slept : 0);
      const world = new World({ now, wallNow: () => Date.now() + slept });
      const { client } = await watching({}, world);
      await run(4_000);
      slept = 3_600_000;
      await run(1_000);
      const asked = world.socket.all("activity").filter((it) => it.id !== undefined);
      expect(asked.length, sleep).toBe(1);
      await run(60_000);
      expect(client.status.state).toBe("live");
      client.close();
    }
  });

  test("whose wall clock jumps sees nothing of it: a question is asked at most", async () => {
    let jumped = 0;
    const world = new World({ wallNow: () => Date.now() + jumped });
    const { client, board } = await watching({}, world);
    await Promise.all([board.heartbeat({ ...ann, typing: true }), run()]);
    const before = client.status;
    for (const jump of [-86_400_000, 86_400_000]) {
      jumped += jump;
      await run(1_000);
      expect(board.value()).toMatchObject({ status: "live", self: { activity: "active", value: { typing: true } } });
    }
    await run(1_000);
    expect(board.value().self?.value.typing).toBe(false);
    expect(client.status).toBe(before);
    expect(world.sockets.length).toBe(1);
  });

  test("counts somebody as busy as long as the application says", async () => {
    const { world, board } = await watching({ activity: { idleMs: 1_000, awayMs: 3_000 } });
    await Promise.all([board.heartbeat(ann), run()]);
    await run(1_000);
    expect(board.value().self?.activity).toBe("idle");
    await run(2_000);
    expect(board.value().self?.activity).toBe("away");
    world.page.turn("input");
    expect(board.value().self?.activity).toBe("active");
  });
});
