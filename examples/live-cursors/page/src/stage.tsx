import { useSelf } from "presence-client/react";
import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { KeyboardEvent } from "react";

import { HOME } from "./camera.js";
import { Cursors } from "./cursors.js";
import { Frame } from "./frame.js";
import { hear } from "./gestures.js";
import { deedOf } from "./keys.js";
import { Minimap } from "./minimap.js";
import { Notes } from "./notes.js";
import { patch, useRoom } from "./room.js";
import { Specimen } from "./specimen.js";
import type { Point } from "./trail.js";
import { useFollowing } from "./use-following.js";
import { useNotes } from "./use-notes.js";
import { Zoom } from "./zoom.js";

/** The board, as much of it as one looks at, and what is above it. `write` goes to the line to write in. */
export function Stage({ write }: { write: () => void }) {
  const { board, cursors, viewports, scene } = useRoom();
  const tool = useSelf(cursors, (self) => self?.value.tool ?? "pointer");
  const self = useSelf(cursors, (self) => self?.member);
  const { stop } = useFollowing();
  const { put } = useNotes();
  const element = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);

  const point = useCallback(
    ({ x, y }: Point) => {
      const own = cursors.value().self;
      if (!own || (own.value.x === x && own.value.y === y)) return;
      patch(cursors, { x, y });
      scene.show(own.member, { ...own.value, x, y });
    },
    [cursors, scene],
  );

  useLayoutEffect(() => {
    if (!element.current || !canvas.current) return;
    return scene.mount(element.current, canvas.current, {
      looked: (region) => patch(viewports, region),
      pointed: point,
    });
  }, [scene, viewports, point]);

  useEffect(() => {
    const board = element.current;
    if (!board) return;
    // What is in the hand now, and not when this was painted last.
    const inHand = () => cursors.value().self?.value.tool ?? "pointer";
    return hear(board, {
      point: ({ x, y }) => point(scene.locate(x, y)),
      hold(at) {
        board.dataset["held"] = String(at !== undefined);
        scene.hold(at);
      },
      drags: () => inHand() === "pointer",
      tap({ x, y }) {
        if (inHand() === "text") put(scene.locate(x, y));
      },
      pan(dx, dy) {
        stop();
        scene.pan(dx, dy);
      },
      zoom(factor, towards) {
        stop();
        scene.zoom(factor, towards);
      },
    });
  }, [cursors, scene, stop, point, put]);

  // The tool is in the own hand at once, for the ink.
  useLayoutEffect(() => {
    const own = cursors.value().self;
    if (own) scene.show(own.member, own.value);
  }, [cursors, scene, self, tool]);

  const press = (event: KeyboardEvent) => {
    const own = cursors.value().self?.value;
    const deed = event.target === event.currentTarget && own ? deedOf(event, own) : undefined;
    if (!own || !deed) return;
    event.preventDefault();
    switch (deed.type) {
      case "move":
        if (element.current) element.current.dataset["held"] = "true";
        scene.hold(undefined);
        point(deed.to);
        if (scene.reveal(deed.to)) stop();
        return;
      case "zoom":
        stop();
        return scene.zoom(deed.factor);
      case "home":
        stop();
        return scene.look(HOME);
      case "take":
        return patch(cursors, { tool: deed.tool });
      case "write":
        return own.tool === "text" ? put(own) : write();
      default:
        deed satisfies never;
    }
  };

  return (
    <section className="stage" aria-label="The board">
      <div
        ref={element}
        className="board"
        role="application"
        tabIndex={0}
        aria-label={`Board ${board}`}
        aria-describedby="board-keys"
        data-tool={tool}
        onKeyDown={press}
        onBlur={({ currentTarget }) => (currentTarget.dataset["held"] = "false")}
      >
        <div className="paper" aria-hidden="true">
          <Specimen />
        </div>
        <canvas ref={canvas} className="ink" aria-hidden="true" />
        <Notes />
        <Cursors />
        <p className="keys" id="board-keys">
          <kbd>Arrows</kbd> point, <kbd>+</kbd> <kbd>−</kbd> zoom, <kbd>1</kbd> to <kbd>4</kbd> change the tool, <kbd>Enter</kbd> writes
        </p>
      </div>
      <Frame />
      <Minimap />
      <Zoom />
    </section>
  );
}
