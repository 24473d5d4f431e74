import { useState } from "react";

import { chooseName } from "./memory.js";
import { tidy } from "./name.js";
import { patch, useRoom } from "./room.js";

/** The own name, edited where it is shown. It is chosen by Enter or by going elsewhere. */
export function OwnName({ name }: { name: string }) {
  const { cursors } = useRoom();
  /** What is written instead, until it is chosen. */
  const [draft, setDraft] = useState<string | null>(null);
  const choose = () => {
    const next = tidy(draft ?? "");
    setDraft(null);
    if (next === "" || next === name) return;
    chooseName(next);
    patch(cursors, { label: next });
  };
  return (
    <input
      className="name"
      aria-label="Your name"
      maxLength={32}
      autoComplete="off"
      spellCheck={false}
      enterKeyHint="done"
      value={draft ?? name}
      onChange={({ target }) => setDraft(target.value)}
      onBlur={choose}
      onKeyDown={({ key, currentTarget }) => {
        if (key === "Escape") setDraft(null);
        // What was written before Escape is gone once this is painted, and only then is it left.
        if (key === "Escape") setTimeout(() => currentTarget.blur());
        if (key === "Enter") currentTarget.blur();
      }}
    />
  );
}
