/** For Vue: who is in a room, which may be another later. */

import { useStatus, useUsers } from "presence-client/vue";
import { computed, toValue } from "vue";
import type { MaybeRefOrGetter } from "vue";
import { chatter } from "../../generated/index.js";

export function useOnline(room: MaybeRefOrGetter<string>) {
  const at = () => ({ room: toValue(room) });
  const onlineUsers = useUsers(chatter, at, (users) => users.map(({ user }) => user));
  const status = useStatus(chatter, at);
  const isLoading = computed(() => ["connecting", "syncing"].includes(status.value.state));
  return { onlineUsers, userCount: computed(() => onlineUsers.value.length), isLoading };
}
