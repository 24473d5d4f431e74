import { useMembers } from "presence-client/react";
import { memo, useCallback } from "react";
import type { MouseEvent } from "react";

import { SIZE } from "./camera.js";
import { inHue, useHue } from "./hues.js";
import { useRoom } from "./room.js";
import { useFollowing } from "./use-following.js";

/** The whole board, small: who is where, and what one sees of it. A click goes there. */
export function Minimap() {
  const { cursors, scene } = useRoom();
  const ids = useMembers(cursors, (members) => members.map(({ member }) => member));
  const { stop } = useFollowing();
  const go = ({ currentTarget, clientX, clientY }: MouseEvent) => {
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    const [x, y] = [((clientX - left) / width) * SIZE.width, ((clientY - top) / height) * SIZE.height];
    stop();
    scene.look({ ...scene.camera.region, x, y });
  };
  return (
    <div className="minimap" aria-hidden="true" onClick={go}>
      <span className="seen" />
      {ids.map((id) => (
        <Dot key={id} id={id} />
      ))}
    </div>
  );
}

const Dot = memo(function Dot({ id }: { id: string }) {
  const { scene } = useRoom();
  const hue = useHue(id);
  const carried = useCallback((element: HTMLElement) => scene.dot(id, element), [scene, id]);
  return <i ref={carried} style={inHue(hue)} />;
});
