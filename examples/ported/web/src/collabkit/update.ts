/** Shows others where the pointer is, how large the screen is, and that something is written. */

import type { TopicHandle } from "presence-client";
import type { pointer } from "../../generated/index.js";

export function share(room: TopicHandle<typeof pointer>, signal: AbortSignal) {
  room.heartbeat({ screen: { width: innerWidth, height: innerHeight } });
  document.addEventListener("mousemove", ({ clientX: x, clientY: y }) => room.update({ cursor: { x, y } }), { signal });
  document.querySelector("input")?.addEventListener("keydown", () => room.update({ typing: true }), { signal });
}
