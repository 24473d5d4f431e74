/** Says how one is, changes that, and takes it back. */

import type { PresenceClient } from "presence-client";
import { player } from "../../generated/index.js";

export function play(client: PresenceClient, channel: string, username: string) {
  const game = client.topic(player, { channel });
  game.heartbeat({ username, status: "online", cursor: { x: 100, y: 200 } });
  return { away: () => game.heartbeat({ username, status: "away" }), quit: () => game.leave() };
}
