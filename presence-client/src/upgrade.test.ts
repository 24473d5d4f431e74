/** How a client that speaks HTTP comes to speak by a WebSocket again; the test is the server. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ann, boardOf, run } from "../tests/board.js";
import { HttpWorld } from "../tests/http.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a WebSocket", () => {
  /** A client that found out that none gets through. */
  async function blocked() {
    const world = new HttpWorld();
    world.answering = false;
    const client = world.client({ transport: "auto" });
    client.connect();
    await run();
    world.socket.end(1006);
    await run(500);
    expect(client.status).toMatchObject({ state: "live", transport: "sse" });
    return { world, client };
  }

  test("that does not get through is tried again in the background, soon and then seldom", async () => {
    const { world, client } = await blocked();
    const states: string[] = [];
    client.onStatus(({ state }) => states.push(state));
    const tries: number[] = [];
    for (let minute = 0; minute < 31; minute += 1) {
      await run(60_000);
      if (world.sockets.length > tries.length + 1) tries.push(minute);
    }
    expect(tries).toEqual([0, 10, 20, 30]);
    expect(states).toEqual([]);
  });

  test("that gets through takes over, and the tab forgets that none did", async () => {
    const { world, client } = await blocked();
    const board = boardOf(client);
    board.heartbeat(ann);
    const memory = () => [...world.storage.items].find(([key]) => key.startsWith("presence:transport:"))?.[1];
    expect(Number(memory())).toBe(Date.now() + 600_000);
    await run(10_000);
    world.answering = true;
    world.socket.onopen?.();
    await run(1_000);
    expect(client.status).toMatchObject({ state: "live", transport: "websocket" });
    expect(world.socket.all("heartbeat")).toMatchObject([{ value: ann }]);
    expect(memory()).toBe("0");
  });

  test("that opens and ends is none", async () => {
    const { world, client } = await blocked();
    await run(10_000);
    world.socket.onopen?.();
    world.socket.end(1006);
    await run(5_000);
    expect(client.status.transport).toBe("sse");
  });

  test("that did not get through is not tried first by the next page of the tab", async () => {
    const { world, client } = await blocked();
    client.close();
    const { length } = world.sockets;
    const next = world.client({ transport: "auto" });
    next.connect();
    await run();
    expect(next.status).toMatchObject({ state: "live", transport: "sse" });
    expect(world.sockets.length).toBe(length);
    next.close();
    await run(600_000);
    const later = world.client({ transport: "auto" });
    later.connect();
    await run();
    expect(world.sockets.length).toBe(length + 1);
  });

  test("is tried when the network is another, and not at every such time", async () => {
    const { world } = await blocked();
    await run(11_000);
    expect(world.sockets.length).toBe(2);
    world.page.turn("online");
    expect(world.sockets.length).toBe(2);
    await run(30_000);
    world.page.turn("online");
    world.page.turn("online");
    expect(world.sockets.length).toBe(3);
  });
});
