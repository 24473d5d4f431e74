/** Waiting until it is known who is in a topic, for components that are shown only then. */

import type { PresenceClient } from "../client.js";
import type { AnyTopic } from "../descriptor.js";
import type { Place } from "./place.js";

/**
 * So long the topic is still looked at for components that were waiting and are now to look for themselves, in
 * milliseconds: React shows what was suspended with a delay of its own, and a slow page takes longer.
 */
export const HANDOVER_MS = 5_000;

/** One for a client and a place, however often a component that is not shown yet is rendered, and by how many it is. */
const waiting = new WeakMap<PresenceClient, Map<string, Promise<void>>>();

/** Resolves once it is known who is there, or is refused; nothing when that is so already. */
export function ready<Type extends AnyTopic>(place: Place<Type>): Promise<void> | undefined {
  if (known(place)) return undefined;
  let mine = waiting.get(place.client);
  if (mine === undefined) waiting.set(place.client, (mine = new Map()));
  let promise = mine.get(place.key);
  if (promise === undefined) {
    mine.set(place.key, (promise = look(place)));
    void promise.then(() => mine.delete(place.key));
  }
  return promise;
}

/** What is not shown has no effects: the promise looks at the topic itself. */
function look<Type extends AnyTopic>(place: Place<Type>): Promise<void> {
  return new Promise((resolve) => {
    let waits = true;
    const stop = place.subscribe(() => {
      if (!waits || !known(place)) return;
      waits = false;
      resolve();
      place.client.timers.setTimeout(stop, HANDOVER_MS);
    });
  });
}

/** Nobody to be seen is no news from a server that waits for others to come back. */
function known<Type extends AnyTopic>(place: Place<Type>): boolean {
  const { status, others, error } = place.view();
  if (error !== null) return true;
  return status === "syncing" ? others.length > 0 : status !== "connecting";
}
