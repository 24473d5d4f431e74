/** A board of two others in a world without network, and what a server says of it. */

import { vi } from "vitest";
import { cursor } from "../../generated/index.js";
import type { ClientOptions, PresenceClient } from "../src/index.js";
import type { Changes, Snapshot } from "../src/wire.js";
import { ME, World, entry } from "./fakes.js";

export const TOPIC = "boards:42:cursors";
export const ann = { x: 1, y: 2, label: "Ann" };
/** What others see of {@link ann}. */
export const shown = { ...ann, tool: "pointer", typing: false };

/** Lets time pass, and everything happen that does not wait for it. */
export const run = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

export const boardOf = (client: PresenceClient) => client.topic(cursor, { board: "42" });

const base = { topic: TOPIC, nowMs: 100, counts: { members: 0, users: 0 } };

export const snapshot = (entries: Snapshot["entries"], at = "e.1"): Snapshot => ({
  ...base,
  type: "snapshot",
  at,
  entries,
});

export const changes = (more: Partial<Changes>): Changes => ({ ...base, type: "changes", at: "e.2", ...more });

export const mine = (value: unknown) => entry("me", value, { member: ME });

/** A client that watches a board of two others. */
export async function watching(options: Partial<ClientOptions> = {}, world = new World()) {
  const client = world.client(options);
  const board = boardOf(client);
  const log: string[] = [];
  board.onJoin((it) => log.push(`join ${it.user}`));
  board.onUpdate((it, before) => log.push(`update ${it.user} ${before.value.x}→${it.value.x}`));
  board.onLeave((it, reason) => log.push(`leave ${it.user} ${reason}`));
  await run();
  world.socket.say(snapshot([entry("bob", { ...shown, x: 5 }), entry("cid", { ...shown, x: 6 })]));
  await run();
  return { world, client, board, log };
}
