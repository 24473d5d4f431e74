/** A mark for each other pointer, which comes and goes with it. */

import type { Member, TopicHandle } from "presence-client";
import type { Pointer, pointer } from "../../generated/index.js";

export function liveCursors(room: TopicHandle<typeof pointer>, layer: HTMLElement, signal: AbortSignal) {
  const marks = new Map<string, HTMLElement>();
  const move = ({ member, value: { cursor } }: Member<Pointer>) => {
    const mark = marks.get(member);
    if (mark && cursor) mark.style.transform = `translate(${cursor.x}px, ${cursor.y}px)`;
  };
  room.onJoin((who) => {
    marks.set(who.member, Object.assign(document.createElement("div"), { className: "remote-cursor" }));
    layer.append(...marks.values());
    move(who);
  });
  room.onUpdate(move);
  room.onLeave(({ member }) => {
    marks.get(member)?.remove();
    marks.delete(member);
  });
  document.addEventListener("mousemove", ({ clientX: x, clientY: y }) => room.heartbeat({ cursor: { x, y } }), { signal });
}
