import type { AnyTopic } from "../descriptor.js";
import type { LeaveReason, Member } from "../view.js";
import type { Place } from "./place.js";

/** What is called for what happens in a topic. */
export interface Calls<Value> {
  onJoin: (member: Member<Value>) => void;
  onUpdate: (member: Member<Value>, before: Member<Value>) => void;
  onLeave: (member: Member<Value>, reason: LeaveReason) => void;
}

/** Calls for an event what `latest` gives by then; returns what stops it. */
export function listen<Type extends AnyTopic>(place: Place<Type>, event: keyof Calls<unknown>, latest: () => unknown): () => void {
  const tell = (...told: unknown[]) => (latest() as (...told: unknown[]) => void)(...told);
  return place.handle[event](tell);
}
