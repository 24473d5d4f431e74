/** Calls for what others say, and for their going. For some of them: `room.only("following")`, `room.only({ users })`. */

import type { Member, TopicHandle } from "presence-client";
import type { Pointer, pointer } from "../../generated/index.js";

export function sync(room: TopicHandle<typeof pointer>, moved: (who: Member<Pointer>) => void, gone: (who: Member<Pointer>) => void) {
  const stops = [room.onJoin(moved), room.onUpdate(moved), room.onLeave(gone)];
  return () => stops.forEach((stop) => stop());
}
