"use client";

/**
 * Hooks for React 18 and 19.
 *
 * @packageDocumentation
 */

export { PresenceProvider, usePresenceClient } from "./context.js";
export type { PresenceProviderProps } from "./context.js";
export { useOnJoin, useOnLeave, useOnUpdate } from "./use-on.js";
export type { UseOn } from "./use-on.js";
export { usePresence } from "./use-presence.js";
export { useReady } from "./use-ready.js";
export { useActivity, useCounts, useFollow, useMembers, useOthers, useSelf, useStatus, useTyping, useUsers } from "./use-view.js";
export type { UseFollow, UsePart } from "./use-view.js";
export type { Calls } from "../store/events.js";
export type { Equality } from "../store/pick.js";
export type { Presence } from "../store/presence.js";
export type { Follows, TopicStatus, TypingArguments, TypingSentence } from "../store/read.js";
