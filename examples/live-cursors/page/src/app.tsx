import { useSelf } from "presence-client/react";
import { useEffect, useRef } from "react";

import { useHue } from "./hues.js";
import { MessageLine, TypingLine } from "./message.js";
import { People } from "./people.js";
import { Pill } from "./pill.js";
import { useRoom } from "./room.js";
import { CopyLink } from "./share.js";
import { Stage } from "./stage.js";
import { Toolbar } from "./toolbar.js";

/** The page. */
export function App() {
  const { board } = useRoom();
  const line = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = `Board ${board} · live cursors`;
  }, [board]);
  return (
    <>
      <OwnColour />
      <header className="top">
        <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
          <path d="M6 4l8 24 5-10 10-5z" />
        </svg>
        <h1>
          Board <span className="board-name">{board}</span>
        </h1>
        <Pill />
        <CopyLink />
      </header>
      <main>
        <Stage write={() => line.current?.focus()} />
        <People />
        <div className="dock">
          <TypingLine />
          <Toolbar />
          <MessageLine input={line} done={() => document.querySelector<HTMLElement>(".board")?.focus()} />
        </div>
      </main>
    </>
  );
}

/** The page is in the colour of whoever looks at it. */
function OwnColour() {
  const hue = useHue(useSelf(useRoom().cursors, (self) => self?.member));
  useEffect(() => {
    if (hue !== undefined) document.documentElement.style.setProperty("--me", String(hue));
  }, [hue]);
  return null;
}
