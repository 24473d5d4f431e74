import { cursor, notes, status, viewport } from "generated";
import type { PatchOf, AnyTopic } from "presence-client";
import { usePresence } from "presence-client/react";
import type { Presence } from "presence-client/react";
import { createContext, useContext, useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";

import { HOME } from "./camera.js";
import { chosenName, recall, remember } from "./memory.js";
import { randomName, tidy } from "./name.js";
import { Scene } from "./scene.js";
import { Toasts } from "./toasts.js";

/** A board and what is around it, for everything on the page. */
export interface Room {
  readonly board: string;
  readonly cursors: Presence<typeof cursor>;
  /** What everybody looks at. */
  readonly viewports: Presence<typeof viewport>;
  readonly notes: Presence<typeof notes>;
  /** What everybody last said. */
  readonly statuses: Presence<typeof status>;
  readonly scene: Scene;
  readonly toasts: Toasts;
}

const Context = createContext<Room | null>(null);

/** The room that the page is in. */
export function useRoom(): Room {
  const room = useContext(Context);
  if (!room) throw new Error("there is no room around this");
  return room;
}

/** Is in a room: as whoever this tab was before a reload, or as somebody new in the middle of the board. */
export function InRoom({ board, children }: { board: string; children: ReactNode }) {
  const [first] = useState(() => arrival(board));
  const cursors = usePresence(cursor, { board }, first.cursor);
  const viewports = usePresence(viewport, { board }, first.region);
  const stickies = usePresence(notes, { board }, { notes: first.notes });
  const statuses = usePresence(status, { room: board }, said(first.message));
  const [scene] = useState(() => new Scene(first.region));
  const [toasts] = useState(() => new Toasts());

  // It is announced as one likes to look; how much of that the window shows is known by now.
  useEffect(() => patch(viewports, scene.camera.region), [viewports, scene]);

  useEffect(() => {
    const keep = () => {
      const [here, saying] = [cursors.value().self, statuses.value().self];
      if (!here) return;
      const kept = { message: saying?.value.message ?? "", notes: stickies.value().self?.value.notes ?? [] };
      remember({ board, cursor: { ...here.value, typing: false }, region: scene.camera.region, ...kept });
    };
    addEventListener("pagehide", keep);
    return () => removeEventListener("pagehide", keep);
  }, [board, cursors, stickies, statuses, scene]);

  const room = useMemo(
    () => ({ board, cursors, viewports, notes: stickies, statuses, scene, toasts }),
    [board, cursors, viewports, stickies, statuses, scene, toasts],
  );
  return <Context value={room}>{children}</Context>;
}

/** Sets fields of the own value; nothing is sent any more once the server has sent one away. */
export function patch<Type extends AnyTopic>(presence: Presence<Type>, fields: PatchOf<Type>): void {
  const { self, status } = presence.value();
  if (self && status !== "closed") void presence.update(fields);
}

/** Says something that stays until something else is said. */
export function said(message: string) {
  return { availability: { state: "available" as const }, message };
}

function arrival(board: string) {
  const before = recall(board);
  const { x, y, width, height } = HOME;
  const somewhere = (middle: number, size: number) => Math.round(middle + (Math.random() - 0.5) * size * 0.5);
  const label = tidy(chosenName() ?? before?.cursor.label ?? "") || randomName();
  const place = before?.cursor ?? { x: somewhere(x, width), y: somewhere(y, height), tool: "pointer" as const };
  return {
    cursor: { x: place.x, y: place.y, tool: place.tool, label },
    region: before?.region ?? HOME,
    notes: [...(before?.notes ?? [])],
    message: before?.message ?? "",
  };
}
