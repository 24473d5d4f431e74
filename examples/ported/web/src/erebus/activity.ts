/** Who is at it and who is not: the client sees to pings, thresholds and hidden tabs. */

import type { Activity, TopicHandle, UserId } from "presence-client";
import type { chatter } from "../../generated/index.js";

export function activities(chat: TopicHandle<typeof chatter>, render: (active: UserId[], idle: UserId[]) => void) {
  return chat.subscribe(({ users }) => {
    const who = (activity: Activity) => users.filter((it) => it.activity === activity).map(({ user }) => user);
    render(who("active"), who("idle"));
  });
}
