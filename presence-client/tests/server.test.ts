/** What two clients see of each other through the real server. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cursor } from "../../generated/index.js";
import type { LeaveReason, PresenceClient } from "../src/index.js";
import { SERVER, clientOf, startServer } from "./server.js";
import type { Server } from "./server.js";

if (SERVER === undefined) {
  console.warn("SKIPPED: tests against the real server need PRESENCE_SERVER, the path of `live-cursors`");
}

const ann = { x: 1, y: 2, label: "Ann" };
const bob = { x: 3, y: 4, label: "Bob" };

describe.skipIf(SERVER === undefined)("with the real server", () => {
  let server: Server;
  const clients: PresenceClient[] = [];

  beforeEach(async () => {
    server = await startServer();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await server.stop();
  });

  function enter(options: Parameters<typeof clientOf>[1] = {}): PresenceClient {
    const client = clientOf(server, options);
    clients.push(client);
    return client;
  }

  function boardOf(client: PresenceClient) {
    return client.topic(cursor, { board: "42" });
  }

  const labels = (client: PresenceClient) =>
    boardOf(client)
      .value()
      .others.map((it) => it.value.label);

  test("two see each other, and one sees the other leave", async () => {
    const [a, b] = [enter(), enter()];
    const left: [string, LeaveReason][] = [];
    boardOf(a).onLeave((member, reason) => left.push([member.value.label, reason]));
    const ack = await boardOf(a).heartbeat(ann);
    expect(ack).toMatchObject({ change: "joined", throttleMs: 50 });
    boardOf(b).onChange(() => {});
    const theirs = boardOf(b);
    theirs.heartbeat(bob);

    await vi.waitFor(() => expect(labels(a)).toEqual(["Bob"]));
    await vi.waitFor(() => expect(labels(b)).toEqual(["Ann"]));
    const view = boardOf(a).value();
    expect(view.self).toMatchObject({ member: ack.member, value: ann, activity: "active" });
    expect(view.others[0]?.value).toEqual({ ...bob, tool: "pointer", typing: false });
    expect(view.counts).toEqual({ members: 2, users: 2 });
    expect(view.status).toBe("live");

    expect(await theirs.leave()).toBe(true);
    await vi.waitFor(() => expect(labels(a)).toEqual([]));
    expect(left).toEqual([["Bob", "left"]]);
  });
});
