/** The whole list whenever it is another, and each coming and going. */

import type { TopicHandle } from "presence-client";
import type { player } from "../../generated/index.js";

export function listen(game: TopicHandle<typeof player>, log: (...what: unknown[]) => void) {
  const stops = [
    game.subscribe(({ users }) => log("online", users)),
    game.onJoin(({ user, member, value }) => log("joined", user, member, value)),
    game.onLeave(({ user, member }, reason) => log("left", user, member, reason)),
  ];
  return () => stops.forEach((stop) => stop());
}
