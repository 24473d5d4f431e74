import type { Note as NoteValue } from "generated";
import { useMembers, useSelf } from "presence-client/react";
import { memo, useRef, useState } from "react";
import type { CSSProperties, PointerEvent } from "react";

import { inHue, useHue } from "./hues.js";
import { Icon } from "./icons.js";
import { nameOr } from "./name.js";
import { patch, useRoom } from "./room.js";
import type { Point } from "./trail.js";
import { MAX_CHARS, useNotes } from "./use-notes.js";

/** Everybody's notes, above the board and below the cursors. */
export function Notes() {
  const { notes } = useRoom();
  const ids = useMembers(notes, (members) => members.filter((it) => it.value.notes.length > 0).map((it) => it.member));
  return (
    <div className="notes">
      {ids.map((id) => (
        <NotesOf key={id} id={id} />
      ))}
    </div>
  );
}

const NotesOf = memo(function NotesOf({ id }: { id: string }) {
  const { notes, cursors } = useRoom();
  const mine = useMembers(notes, (members) => members.find((it) => it.member === id)?.value.notes ?? []);
  const you = useSelf(notes, (self) => self?.member === id);
  const name = useMembers(cursors, (members) => nameOr(members.find((it) => it.member === id)?.value.label ?? ""));
  const hue = useHue(id);
  return mine.map((note) => (
    <div key={note.id} className="note" style={{ ...inHue(hue), ...at(note) }} data-you={you}>
      {you ? <OwnNote note={note} /> : <p className="text">{note.text}</p>}
      <p className="by">{you ? "You" : name}</p>
    </div>
  ));
});

/** A note of one's own: it is written on, dragged by its upper edge, and taken away. */
function OwnNote({ note: { id, x, y, text } }: { note: NoteValue }) {
  const { cursors, scene } = useRoom();
  const own = useNotes();
  // What is in the hands of who writes is not painted from what others are told.
  const [draft, setDraft] = useState(text);
  const grip = useRef<Point>(null);
  const take = (event: PointerEvent) => {
    const hand = scene.locate(event.clientX, event.clientY);
    grip.current = { x: hand.x - x, y: hand.y - y };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const drag = ({ clientX, clientY }: PointerEvent) => {
    if (!grip.current) return;
    const hand = scene.locate(clientX, clientY);
    own.move(id, { x: hand.x - grip.current.x, y: hand.y - grip.current.y });
  };
  const drop = () => {
    grip.current = null;
  };
  return (
    <>
      <div className="grip" onPointerDown={take} onPointerMove={drag} onPointerUp={drop} onPointerCancel={drop} />
      <textarea
        aria-label="Your note"
        placeholder="Write a note"
        value={draft}
        maxLength={MAX_CHARS}
        // A note that was just put down is written on; after a reload nobody is.
        autoFocus={text === ""}
        onChange={({ target }) => {
          setDraft(target.value);
          own.write(id, target.value);
          patch(cursors, { typing: true });
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key === "Escape") currentTarget.closest<HTMLElement>(".board")?.focus();
        }}
        onBlur={() => {
          patch(cursors, { typing: false });
          if (draft.trim() === "") own.remove(id);
        }}
      />
      <button type="button" className="remove" aria-label="Remove your note" onClick={() => own.remove(id)}>
        <Icon name="close" />
      </button>
    </>
  );
}

function at({ x, y }: Point): CSSProperties {
  return { "--x": x, "--y": y } as CSSProperties;
}
