/** Without a connection somebody is there for as long as they say: a duration that the server measures. */

import type { Cursor } from "../../generated/index.js";

export async function heartbeat(topic: string, session: string, value: Cursor, ttlMs: number): Promise<{ expiresInMs: number }> {
  const headers = { "Presence-Session": session, "Content-Type": "application/json" };
  return (await fetch(`${topic}/heartbeat`, { method: "POST", headers, body: JSON.stringify({ value, ttlMs }) })).json();
}
