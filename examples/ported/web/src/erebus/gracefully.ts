/** Takes somebody's element away: only of those who were seen to come is told that they went. */

import type { TopicHandle } from "presence-client";
import type { chatter } from "../../generated/index.js";

export const removing = (chat: TopicHandle<typeof chatter>) =>
  chat.onLeave(({ user }) => chat.user(user) ?? document.getElementById(`user-${user}`)?.remove());
