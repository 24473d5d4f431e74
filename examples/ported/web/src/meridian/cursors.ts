/** Cursors of a page, typed from the server's struct to what paints them. */

import type { PresenceClient } from "presence-client";
import { cursor } from "../../generated/index.js";

export function cursors(client: PresenceClient, page: string, paint: (member: string, x: number, y: number) => void) {
  const topic = client.topic(cursor, { page });
  topic.heartbeat({ x: 120, y: 340 });
  return topic.onChange(({ others }) => others.forEach(({ member, value: { x, y } }) => paint(member, x, y)));
}
