import { useOnJoin, useOnLeave, useStatus } from "presence-client/react";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";

import { nameOr } from "./name.js";
import { News as Telling } from "./news.js";
import { useRoom } from "./room.js";

/** Who came and went, in a corner, read out politely, gone after a while. */
export function News() {
  const { cursors, toasts } = useRoom();
  const [news] = useState(() => new Telling(toasts.show));
  const { state } = useStatus(cursors);
  // Whoever was here first has not come.
  const arrived = useRef(false);
  useEffect(() => {
    arrived.current ||= state === "live";
  }, [state]);
  useOnJoin(cursors, ({ member, value }) => {
    if (arrived.current) news.joined(member, nameOr(value.label));
  });
  useOnLeave(cursors, ({ member, value }, reason) => news.left(member, nameOr(value.label), reason));
  const shown = useSyncExternalStore(toasts.subscribe, toasts.shown);
  return (
    <div className="toasts" role="log" aria-live="polite" aria-label="Who came and went">
      {shown.map(({ id, text }) => (
        <p key={id} className="toast">
          {text}
        </p>
      ))}
    </div>
  );
}
