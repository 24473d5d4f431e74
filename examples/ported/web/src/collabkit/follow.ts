/** Follow mode: a mark where the followed one's pointer is, as long as there is one. */

import type { TopicHandle, UserId } from "presence-client";
import type { pointer } from "../../generated/index.js";

export function follow(room: TopicHandle<typeof pointer>, user: UserId, mark: HTMLElement) {
  room.follow(user);
  const stop = room.only("following").subscribe(({ others: [seen] }) => {
    const at = seen?.value.cursor;
    mark.hidden = !at;
    if (at) Object.assign(mark.style, { left: `${at.x}px`, top: `${at.y}px` });
    mark.title = seen?.user ?? "";
  });
  return () => {
    stop();
    room.unfollow(user);
  };
}
