/**
 * Composables for Vue 3.4 and later.
 *
 * @packageDocumentation
 */

export { PresenceProvider, presenceKey, usePresenceClient } from "./context.js";
export { useOnJoin, useOnLeave, useOnUpdate } from "./use-on.js";
export type { UseOn } from "./use-on.js";
export { useReady } from "./use-ready.js";
export { usePresence } from "./use-presence.js";
export { useActivity, useCounts, useFollow, useMembers, useOthers, useSelf, useStatus, useTyping, useUsers } from "./use-view.js";
export type { UseFollow, UsePart } from "./use-view.js";
export type { Calls } from "../store/events.js";
export type { Equality } from "../store/pick.js";
export type { Presence } from "../store/presence.js";
export type { TopicStatus, TypingArguments, TypingSentence } from "../store/read.js";
