/** Calls a minute after somebody went who has not been back since, to free what the page kept of them. */

import type { PresenceClient, UserId } from "presence-client";
import { chatter } from "../../generated/index.js";

export function forgetting(client: PresenceClient, room: string, forget: (user: UserId) => void, afterMs = 60_000) {
  const [chat, gone] = [client.topic(chatter, { room }), new Map<UserId, unknown>()];
  return chat.onLeave(({ user }) => {
    client.timers.clearTimeout(gone.get(user));
    gone.set(user, client.timers.setTimeout(() => gone.delete(user) && !chat.user(user) && forget(user), afterMs));
  });
}
