/** Several rooms at a time: over one connection, and each user counted once. */

import type { PresenceClient, UserId, View } from "presence-client";
import { chatter } from "../../generated/index.js";
import type { Chatter } from "../../generated/index.js";

export function rooms(client: PresenceClient) {
  return {
    track: (room: string, call: (view: View<Chatter>) => void) => client.topic(chatter, { room }).onChange(call),
    usersOf: (room: string) => client.topic(chatter, { room }).value().users.map(({ user }) => user),
    topicsOf: (user: UserId) => client.users().get(user) ?? [],
    total: () => client.users().size,
  };
}
