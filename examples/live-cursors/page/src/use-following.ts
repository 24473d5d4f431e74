import { useFollow } from "presence-client/react";
import type { UserId } from "presence-client";
import { useCallback } from "react";

import { useRoom } from "./room.js";

/** Whom one follows, who follows, and what changes it. */
export interface Following {
  /** The one whose view is mirrored. */
  readonly leader: UserId | undefined;
  readonly followers: readonly UserId[];
  /** Follows somebody, and nobody else. */
  readonly follow: (user: UserId) => void;
  /** Looks where one likes again. */
  readonly stop: () => void;
}

/** Follow mode: one at a time. */
export function useFollowing(): Following {
  const { cursors, scene } = useRoom();
  const { following, followers, follow, unfollow } = useFollow(cursors);
  const stop = useCallback(() => {
    if (cursors.value().following.length > 0) unfollow();
    scene.release();
  }, [cursors, scene, unfollow]);
  const only = useCallback(
    (user: UserId) => {
      unfollow();
      follow(user);
    },
    [follow, unfollow],
  );
  return { leader: following[0], followers, follow: only, stop };
}
