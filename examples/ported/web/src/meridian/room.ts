/** Being in a room, seeing who else is, and leaving. */

import type { PresenceClient } from "presence-client";
import { occupant } from "../../generated/index.js";

export function enter(client: PresenceClient, name: string, log: (...what: unknown[]) => void) {
  const room = client.topic(occupant, { room: name });
  room.heartbeat({ status: "online" });
  const stop = room.subscribe(({ members }) => members.forEach(({ member, value }) => log(member, value)));
  return { room, stop };
}
