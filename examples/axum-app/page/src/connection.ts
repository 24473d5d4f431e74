import type { PresenceClient } from "presence-client";

import { find, say } from "./dom.js";

const WORDS = {
  connecting: "Connecting…",
  syncing: "Catching up…",
  live: "Live",
  stale: "Reconnecting…",
  closed: "Disconnected",
} as const;

/** Shows how the client is connected. */
export function showConnection(client: PresenceClient): void {
  const pill = find(".connection");
  const show = () => {
    const { state, error } = client.status;
    pill.dataset["state"] = state;
    pill.title = error?.message ?? "";
    say(find(".text", pill), WORDS[state]);
  };
  client.onStatus(show);
  show();
}

/** Shows for how long the token holds, in a ring that empties. */
export class TokenRing {
  readonly #ring = find(".token");
  readonly #text = find(".text", this.#ring);
  #count = 0;
  #until = 0;
  #forMs = 1;

  constructor() {
    setInterval(() => this.#show(), 250);
  }

  /** A new token. When it expires, everybody with the token can read: it is signed, not secret. */
  had(token: string): number {
    const claims = JSON.parse(atob((token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/"))) as {
      exp: number;
    };
    this.#count += 1;
    this.#until = claims.exp * 1_000;
    this.#forMs = Math.max(1, this.#until - Date.now());
    this.#show();
    return this.#count;
  }

  #show(): void {
    const leftMs = Math.max(0, this.#until - Date.now());
    this.#ring.style.setProperty("--left", String(leftMs / this.#forMs));
    say(this.#text, `Token ${this.#count} · ${Math.ceil(leftMs / 1_000)} s`);
  }
}
