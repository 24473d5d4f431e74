/** The world as it is: a browser's, a worker's, or another platform's. */

import { nearEnvironment } from "./environment.js";
import type { Environment, FarEnvironment, Locks, Page, PageEvent, SessionStore } from "./environment.js";

/** The world as it is. */
export function realEnvironment(): Environment {
  return { ...nearEnvironment(), ...farEnvironment() };
}

/** As much of it as there is need of only when something is said. */
export function farEnvironment(): FarEnvironment {
  return {
    newKey: () =>
      Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
        byte.toString(16).padStart(2, "0"),
      ).join(""),
    connect: (url) => new WebSocket(url),
    fetch: (url, request) => fetch(url, request),
    storage: tabStorage(),
    locks: tabLocks(),
    page: typeof document === "undefined" ? undefined : new BrowserPage(),
  };
}

function tabStorage(): SessionStore | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    // Storage is forbidden here, as in some frames.
    return undefined;
  }
}

function tabLocks(): Locks | undefined {
  // Absent where the page is not served securely.
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  if (!locks) return undefined;
  return {
    take: (name, waitMs) =>
      new Promise((resolve) => {
        const taken = () =>
          new Promise<void>((release) => {
            resolve(release);
          });
        locks.request(name, { signal: AbortSignal.timeout(waitMs) }, taken).catch(() => {
          resolve(undefined);
        });
      }),
  };
}

class BrowserPage implements Page {
  get hidden(): boolean {
    return document.visibilityState === "hidden";
  }

  watch(on: (event: PageEvent) => void): () => void {
    const stop = new AbortController();
    const { signal } = stop;
    document.addEventListener("visibilitychange", () => on(this.hidden ? "hide" : "show"), { signal });
    addEventListener("pagehide", () => on("end"), { signal });
    addEventListener("pageshow", (event) => event.persisted && on("return"), { signal });
    document.addEventListener("freeze", () => on("freeze"), { signal });
    document.addEventListener("resume", () => on("resume"), { signal });
    addEventListener("offline", () => on("offline"), { signal });
    addEventListener("online", () => on("online"), { signal });
    for (const type of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
      addEventListener(type, () => on("input"), { signal, passive: true, capture: true });
    }
    return () => stop.abort();
  }
}
