/**
 * The session of a tab: a secret key and a count of messages, `n`, that only grows. Both are kept for
 * the tab, so that a reload is the same session; a duplicated tab finds the key in use and takes a
 * new one.
 */

import type { Environment, SessionStore } from "./environment.js";

/** How long a reloaded page may still hold the lock of the one before it. */
const LOCK_WAIT_MS = 300;
/** So many are taken at once, so that storage is not written for every message. */
const BLOCK = 256;
const KEY = /^[0-9a-f]{32}$/;

/** A session that this tab holds. */
export class Session {
  /** The secret: 32 hex digits. */
  readonly key: string;
  readonly #environment: Environment;
  readonly #name: string;
  #release: (() => void) | undefined;
  #n: number;
  #kept: number;

  private constructor(environment: Environment, name: string, { key, n, release }: Claimed) {
    this.key = key;
    this.#environment = environment;
    this.#name = name;
    this.#release = release;
    this.#n = n;
    this.#kept = n;
    this.#keep();
  }

  /** Claims the tab's session, or a new one where that is in use. */
  static async claim(environment: Environment, name: string): Promise<Session> {
    const { key, n } = read(environment.storage, name);
    if (key !== undefined) {
      const release = await lock(environment, key);
      if (release) return new Session(environment, name, { key, n, release });
    }
    return Session.fresh(environment, name);
  }

  /** Takes a new session, in place of one that is another tab's or was another user's. */
  static async fresh(environment: Environment, name: string): Promise<Session> {
    const key = environment.newKey();
    const release = await lock(environment, key);
    return new Session(environment, name, { key, n: 0, release });
  }

  /** The next place in the order of this session's messages. */
  next(): number {
    this.#n += 1;
    if (this.#n > this.#kept) {
      this.#kept = this.#n + BLOCK;
      this.#keep();
    }
    return this.#n;
  }

  /** Lets another page of the tab have it, as after a reload. */
  release(): void {
    this.#release?.();
    this.#release = undefined;
  }

  /** Takes it again, for a page that was left and is returned to. */
  async hold(): Promise<void> {
    if (this.#release === undefined) this.#release = await lock(this.#environment, this.key);
  }

  #keep(): void {
    write(this.#environment.storage, this.#name, `${this.key} ${this.#kept}`);
  }
}

interface Claimed {
  readonly key: string;
  readonly n: number;
  readonly release: (() => void) | undefined;
}

/** Where there are no locks, every tab that asks has it. */
function lock({ locks }: Environment, key: string): Promise<(() => void) | undefined> {
  return locks ? locks.take(`presence:${key}`, LOCK_WAIT_MS) : Promise.resolve(() => {});
}

function read(storage: SessionStore | undefined, name: string): { key?: string; n: number } {
  try {
    const [key = "", n = ""] = storage?.getItem(name)?.split(" ") ?? [];
    if (KEY.test(key) && Number.isSafeInteger(Number(n))) return { key, n: Number(n) };
  } catch {
    // Storage that cannot be read is as good as none.
  }
  return { n: 0 };
}

function write(storage: SessionStore | undefined, name: string, text: string): void {
  try {
    storage?.setItem(name, text);
  } catch {
    // Full or forbidden: the session then ends with the page.
  }
}
