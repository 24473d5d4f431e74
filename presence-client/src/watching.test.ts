/** What a client shows of others; the test is the server. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TOPIC, ann, boardOf, changes, mine, run, shown, snapshot, watching } from "../tests/board.js";
import { ME, World, entry } from "../tests/fakes.js";
import type { ClientMessage } from "./wire.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("watching", () => {
  test("a snapshot is the view, and changes are events", async () => {
    const { world, board, log } = await watching();
    expect(board.value().status).toBe("live");
    expect(board.value().others.map((it) => it.value.x)).toEqual([5, 6]);
    world.socket.say(
      changes({
        left: [{ member: "cid.session", reason: "left" }],
        joined: [entry("dan", shown)],
        updated: [{ member: "bob.session", value: { ...shown, x: 7 } }],
      }),
    );
    await run();
    expect(log).toEqual(["join bob", "join cid", "leave cid left", "join dan", "update bob 5→7"]);
  });

  test("what was on its way to an earlier subscription is not taken for the next one's", async () => {
    const world = new World();
    const board = boardOf(world.client());
    const stop = board.onChange(() => {});
    await run();
    world.socket.say(snapshot([entry("bob", shown)], "e.5"));
    await run();
    stop();
    await run(10);
    world.answering = false;
    board.onChange(() => {});
    await run();
    const again = world.socket.all("subscribe").at(-1);
    expect(again).toMatchObject({ since: "e.5" });
    world.socket.say(changes({ joined: [entry("dan", shown)], at: "e.6" }));
    world.answer(world.socket, again as ClientMessage);
    // Dan joined and left between the two: the net changes since e.5 do not mention it.
    world.socket.say(changes({ at: "e.7" }));
    await run();
    expect(board.value().others.map((it) => it.user)).toEqual(["bob"]);
    expect(board.value().status).toBe("live");
  });

  test("handlers are called once for all that happens together", async () => {
    const { world, board } = await watching();
    const views: number[] = [];
    board.onChange((view) => views.push(view.others.length));
    world.socket.say(changes({ joined: [entry("dan", shown)] }));
    world.socket.say(changes({ joined: [entry("eve", shown)], at: "e.3" }));
    await run();
    expect(views).toEqual([4]);
  });

  test("parts are applied together", async () => {
    const { world, board } = await watching();
    const { at: _, ...part } = changes({ joined: [entry("dan", shown)] });
    world.socket.say({ ...part, more: true });
    await run();
    expect(board.value().others.length).toBe(2);
    world.socket.say(changes({ joined: [entry("eve", shown)] }));
    await run();
    expect(board.value().others.map((it) => it.user)).toEqual(["bob", "cid", "dan", "eve"]);
  });

  test("what a handler throws is reported and hurts no other", async () => {
    const { world, board, log } = await watching();
    const broken = new Error("broken");
    board.onJoin(() => {
      throw broken;
    });
    board.onJoin((it) => log.push(`and ${it.user}`));
    world.socket.say(changes({ joined: [entry("dan", shown), entry("eve", shown)] }));
    await run();
    expect(log.slice(2)).toEqual(["join dan", "and dan", "join eve", "and eve"]);
    expect(world.reported).toEqual([broken, broken]);
  });

  test("what a handler throws is told to who listens for errors, with the topic", async () => {
    const errors: unknown[] = [];
    const { world, client, board } = await watching({ onError: (error, topic) => errors.push([error.code, error.cause, topic]) });
    const broken = new Error("broken");
    const fail = () => {
      throw broken;
    };
    board.onJoin(fail);
    client.onStatus(fail);
    world.socket.say(changes({ joined: [entry("dan", shown)] }));
    world.socket.end(1006);
    await run();
    expect(errors).toEqual([
      ["listener_failed", broken, TOPIC],
      ["listener_failed", broken, undefined],
    ]);
    expect(world.reported).toEqual([]);
  });

  test("the last handler gone ends the subscription after a tick, a new one within it keeps it", async () => {
    const world = new World();
    const board = boardOf(world.client());
    const stop = board.onChange(() => {});
    await run();
    stop();
    const again = board.onChange(() => {});
    await run(10);
    expect(world.socket.all("unsubscribe")).toEqual([]);
    again();
    again();
    await run(10);
    expect(world.socket.all("unsubscribe")).toMatchObject([{ topic: TOPIC }]);
  });

  test("a subscription taken up again goes on from where it was", async () => {
    const world = new World();
    const board = boardOf(world.client());
    const stop = board.onChange(() => {});
    await run();
    world.socket.say(snapshot([entry("bob", shown)], "e.41"));
    stop();
    await run(10);
    expect(board.value().status).toBe("stale");
    board.onChange(() => {});
    await run();
    expect(world.socket.all("subscribe").at(-1)).toMatchObject({ since: "e.41" });
  });

  test("the echo of an older own value is not shown, that of a settled one is", async () => {
    const { world, board } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    const joined = changes({ joined: [mine({ ...shown, label: "Ann!" })] });
    world.socket.say(joined);
    await run(60);
    expect(board.value().self?.value.label).toBe("Ann!");

    world.answering = false;
    board.update({ x: 2 });
    world.socket.say(changes({ updated: [{ member: ME, value: { ...shown, x: 1.5 } }] }));
    await run();
    expect(board.value().self?.value).toEqual({ ...shown, x: 2 });
    expect(board.value().others.length).toBe(2);
  });

  test("what only the server sets stays while the own value changes", async () => {
    const { world, board } = await watching();
    board.heartbeat(ann);
    await run(60);
    world.socket.say(changes({ joined: [mine({ ...shown, role: "host" })], at: "e.3" }));
    await run(60);
    board.update({ x: 9 });
    expect(board.value().self?.value).toEqual({ ...shown, x: 9, role: "host" });
    await run(60);
    expect(world.socket.all("heartbeat").at(-1)?.value).toEqual({ ...ann, x: 9 });
  });

  test("news of others bring back no older own value", async () => {
    const { world, board } = await watching();
    await Promise.all([board.heartbeat(ann), run()]);
    world.socket.say(changes({ joined: [mine(shown)] }));
    await run(60);
    // The server does not echo what this connection says alone.
    await Promise.all([board.update({ x: 9 }), run()]);
    world.socket.say(changes({ updated: [{ member: "bob.session", value: { ...shown, x: 7 } }] }));
    await run();
    expect(board.value().self?.value).toEqual({ ...shown, x: 9 });
  });

  test("a refused subscription is reported and closes the topic, not the client", async () => {
    const world = new World();
    const client = world.client();
    boardOf(client).heartbeat(ann);
    await run();
    world.answering = false;
    boardOf(client).onChange(() => {});
    world.socket.say({ type: "error", id: 2, error: { code: "forbidden", message: "not you" } });
    await run();
    expect(boardOf(client).value().status).toBe("closed");
    expect(client.status.state).toBe("live");
    expect(world.reported).toMatchObject([{ code: "forbidden" }]);
  });
});
