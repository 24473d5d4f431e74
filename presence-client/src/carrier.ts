/** What carried the connections of this tab, so that a page that is loaded anew need not find out again. */

import type { Environment } from "./environment.js";
import type { Carrier } from "./machine.js";

/** For so long HTTP is tried first where a WebSocket did not get through. */
const REMEMBER_MS = 600_000;

/** What is tried first. */
export function remembered({ storage, wallNow }: Environment, name: string): Carrier {
  try {
    const left = Number(storage?.getItem(name)) - wallNow();
    return left > 0 && left <= REMEMBER_MS ? "sse" : "websocket";
  } catch {
    // Storage that cannot be read is as good as none.
    return "websocket";
  }
}

/** This is what carries a connection now. */
export function remember({ storage, wallNow }: Environment, name: string, carrier: Carrier): void {
  try {
    if (carrier === "sse") storage?.setItem(name, String(wallNow() + REMEMBER_MS));
    else if (storage?.getItem(name)) storage.setItem(name, "0");
  } catch {
    // Full or forbidden: the next page finds out by itself.
  }
}
