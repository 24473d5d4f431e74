/** For React: who is in a room. A move or a text that is typed renders nothing. */

import { useStatus, useUsers } from "presence-client/react";
import { chatter } from "../../generated/index.js";

export function useOnline(room: string) {
  const onlineUsers = useUsers(chatter, { room }, (users) => users.map(({ user }) => user));
  const { state } = useStatus(chatter, { room });
  return { onlineUsers, userCount: onlineUsers.length, isLoading: state === "connecting" || state === "syncing" };
}
