import type { Note } from "generated";
import { useSelf } from "presence-client/react";
import { useMemo } from "react";

import { onBoard } from "./camera.js";
import { patch, useRoom } from "./room.js";
import type { Point } from "./trail.js";

/** How many somebody may have, and how long one is: as `Notes` has it. */
const MOST = 4;
export const MAX_CHARS = 100;
/** Where the hand that puts a note down is: just below its middle, so that its name does not lie on what is written. */
const HAND: Point = { x: 104, y: 156 };

/** What changes the own notes. */
export interface OwnNotes {
  /** Puts a new one down. */
  put(at: Point): void;
  move(id: number, to: Point): void;
  write(id: number, text: string): void;
  remove(id: number): void;
}

/** The own notes: a part of the own presence, which goes when one goes. */
export function useNotes(): OwnNotes {
  const { notes, toasts } = useRoom();
  return useMemo(() => {
    const own = () => notes.value().self?.value.notes ?? [];
    const set = (all: Note[]) => patch(notes, { notes: all });
    const change = (id: number, fields: Partial<Note>) =>
      set(own().map((note) => (note.id === id ? { ...note, ...fields } : note)));
    return {
      put(at) {
        const all = own().filter(({ text }) => text !== "");
        if (all.length >= MOST) return toasts.show(`${MOST} notes are all one can have: take one away first`);
        set([...all, { id: 1 + Math.max(0, ...all.map(({ id }) => id)), ...placed({ x: at.x - HAND.x, y: at.y - HAND.y }), text: "" }]);
      },
      move: (id, to) => change(id, placed(to)),
      write: (id, text) => change(id, { text: tidied(text) }),
      remove: (id) => set(own().filter((note) => note.id !== id)),
    };
  }, [notes, toasts]);
}

/** How many notes one has. */
export function useOwnNotes(): readonly Note[] {
  return useSelf(useRoom().notes, (self) => self?.value.notes ?? []);
}

function placed({ x, y }: Point): Point {
  const [onX, onY] = onBoard(Math.round(x), Math.round(y));
  return { x: onX, y: onY };
}

/** What a note may say: no control characters and no halves of characters. */
function tidied(text: string): string {
  const clean = text.replace(/[\u0000-\u0009\u000b-\u001f\u007f]|\p{Surrogate}/gu, "");
  return Array.from(clean).slice(0, MAX_CHARS).join("");
}
