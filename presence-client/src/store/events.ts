import type { AnyTopic } from "../descriptor.js";
import type { LeaveReason, Member } from "../view.js";
import type { Place } from "./place.js";

/** What is called for what happens in a topic. */
export interface Calls<Value> {
  /** Somebody came; those of the first snapshot come as well. */
  onJoin: (member: Member<Value>) => void;
  /** Somebody's value or activity is another than it was `before`. */
  onUpdate: (member: Member<Value>, before: Member<Value>) => void;
  /** Somebody is gone, and why. */
  onLeave: (member: Member<Value>, reason: LeaveReason) => void;
}

/** Calls for an event what `latest` gives by then; returns what stops it. */
export function listen<Type extends AnyTopic>(place: Place<Type>, event: keyof Calls<unknown>, latest: () => unknown): () => void {
  const tell = (...told: unknown[]) => (latest() as (...told: unknown[]) => void)(...told);
  return place.handle[event](tell);
}
