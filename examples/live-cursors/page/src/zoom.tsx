import { useSyncExternalStore } from "react";

import { HOME } from "./camera.js";
import { Icon } from "./icons.js";
import { useRoom } from "./room.js";
import { useFollowing } from "./use-following.js";

/** How much nearer one press goes. */
const NEARER = 1.25;

/** How near the board is, and what brings it nearer. */
export function Zoom() {
  const { scene } = useRoom();
  const { stop } = useFollowing();
  const percent = useSyncExternalStore(scene.subscribe, () => Math.round(scene.camera.zoom * 100));
  const zoom = (factor: number) => {
    stop();
    scene.zoom(factor);
  };
  return (
    <div className="zoom" role="group" aria-label="Zoom">
      <button type="button" aria-label="Zoom out" onClick={() => zoom(1 / NEARER)}>
        <Icon name="minus" />
      </button>
      <span className="percent">{percent}%</span>
      <button type="button" aria-label="Zoom in" onClick={() => zoom(NEARER)}>
        <Icon name="plus" />
      </button>
      <button
        type="button"
        aria-label="Back to the middle"
        onClick={() => {
          stop();
          scene.look(HOME);
        }}
      >
        <Icon name="home" />
      </button>
    </div>
  );
}
