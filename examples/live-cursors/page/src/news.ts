import type { LeaveReason } from "presence-client";

import { gone } from "./sentence.js";

/** How long somebody may take to be back before it is said that they are gone. */
const PATIENCE_MS = 12_000;

/**
 * Who came and who went, in words. When the server itself was away, everybody is gone and back within
 * moments; that is not said, for nobody did anything.
 */
export class News {
  readonly #tell: (text: string) => void;
  readonly #missing = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  joined(id: string, name: string): void {
    const missing = this.#missing.get(id);
    this.#missing.delete(id);
    clearTimeout(missing);
    if (missing === undefined) this.#tell(`${name} joined`);
  }

  left(id: string, name: string, reason: LeaveReason): void {
    const text = gone(name, reason);
    if (reason !== "unseen" && reason !== "shutdown") return this.#tell(text);
    clearTimeout(this.#missing.get(id));
    const timer = setTimeout(() => {
      this.#missing.delete(id);
      this.#tell(text);
    }, PATIENCE_MS);
    this.#missing.set(id, timer);
  }
}
