import { useMembers, useOnJoin, useOnUpdate, useSelf } from "presence-client/react";
import { memo, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

import { inHue, useHue } from "./hues.js";
import { Dots } from "./icons.js";
import { nameOr } from "./name.js";
import { useRoom } from "./room.js";
import { Shape } from "./shape.js";

/** How long a message stays beside a cursor. */
const BUBBLE_MS = 8_000;

/** Everybody's cursor. It is rendered when somebody comes or goes; what moves is carried by the scene. */
export function Cursors() {
  const { cursors, scene } = useRoom();
  const ids = useMembers(cursors, (members) => members.map(({ member }) => member));
  const self = useSelf(cursors, (self) => self?.member);
  useOnJoin(cursors, ({ member, value }) => scene.show(member, value));
  useOnUpdate(cursors, ({ member, value }) => scene.show(member, value));
  return (
    <div className="cursors" aria-hidden="true">
      {ids.map((id) => (
        <Cursor key={id} id={id} you={id === self} />
      ))}
    </div>
  );
}

/** A cursor: rendered when the name, the tool, the typing or what is said is another, and not when it moves. */
const Cursor = memo(function Cursor({ id, you }: { id: string; you: boolean }) {
  const { cursors, statuses, scene } = useRoom();
  const look = useMembers(cursors, (members) => {
    const member = members.find((it) => it.member === id);
    if (!member) return null;
    const { label, tool, typing } = member.value;
    return { name: nameOr(label), tool, typing, activity: member.activity };
  });
  const message = useMembers(statuses, (members) => members.find((it) => it.member === id)?.value.message ?? "");
  const speaking = useFresh(message);
  const hue = useHue(id);
  const tag = useRef<HTMLDivElement>(null);

  const carried = useCallback(
    (element: HTMLDivElement) => {
      const motion = cursors.value().members.find((it) => it.member === id)?.value;
      if (motion && tag.current) return scene.carry(id, { element, tag: tag.current }, motion, you);
      return undefined;
    },
    [cursors, scene, id, you],
  );
  useLayoutEffect(() => scene.tint(id, hue ?? 0), [scene, id, hue]);

  if (!look) return null;
  const { name, tool, typing, activity } = look;
  const what = ["cursor", you && "you", typing && "typing", speaking && "speaking"].filter(Boolean).join(" ");
  return (
    <div ref={carried} className={what} data-member={id} data-activity={activity} style={inHue(hue)}>
      <span className="hand">
        <Shape tool={tool} />
      </span>
      <div ref={tag} className="tag">
        <span className="line">
          <span className="name">{name}</span>
          {activity !== "active" && <span className="state">{activity}</span>}
          <Dots />
        </span>
        <span className="bubble">{speaking}</span>
      </div>
    </div>
  );
});

/** What is said, for as long as it is fresh; then nothing. */
function useFresh(message: string): string {
  const [stale, setStale] = useState("");
  useEffect(() => {
    setStale("");
    const timer = setTimeout(() => setStale(message), BUBBLE_MS);
    return () => clearTimeout(timer);
  }, [message]);
  return stale === message ? "" : message;
}
