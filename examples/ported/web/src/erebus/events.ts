/** Says who comes and who goes. What is returned ends that, and nothing of anybody else's. */

import type { TopicHandle } from "presence-client";
import type { chatter } from "../../generated/index.js";

export function announce(chat: TopicHandle<typeof chatter>, say: (text: string) => void) {
  const stops = [
    chat.onJoin(({ value }) => say(`👤 ${value.name} joined the room`)),
    chat.onLeave(({ value }) => say(`👋 ${value.name} left the room`)),
  ];
  return () => stops.forEach((stop) => stop());
}
