/** What is known of everybody, of oneself, and of somebody. */

import type { TopicHandle, UserId } from "presence-client";
import type { pointer } from "../../generated/index.js";

export const states = (room: TopicHandle<typeof pointer>) => room.value().members.map(({ user, value }) => [user, value] as const);
export const ownState = (room: TopicHandle<typeof pointer>) => room.value().self?.value;
export const stateOf = (room: TopicHandle<typeof pointer>, user: UserId) => room.user(user)?.members[0]?.value;
