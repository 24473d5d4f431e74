/** WebSockets that exist in memory only, as a client sees them. */

import type { Socket } from "../../environment.js";
import { Conversation } from "../hub/conversation.js";
import type { Hub } from "../hub/hub.js";
import type { Line, Link } from "./line.js";

type State = 0 | 1 | 2 | 3;

/** A WebSocket over a line. What is said on it is JSON text, as on a real one. */
export class MemorySocket implements Socket, Link {
  /** Called when it is open. */
  onopen: ((event: never) => void) | null = null;
  /** Called for each message, whose text is the event's `data`. */
  onmessage: ((event: never) => void) | null = null;
  /** Called once when it is over, with the event's `code`. */
  onclose: ((event: never) => void) | null = null;
  /** Called when it breaks; `onclose` follows. */
  onerror: ((event: never) => void) | null = null;
  readonly #line: Line;
  readonly #up: (arrive: () => void) => void;
  readonly #down: (arrive: () => void) => void;
  #conversation: Conversation | undefined;
  #state: State = 0;

  /** @internal Use `server.connect()`. */
  constructor(line: Line, hub: () => Hub | undefined) {
    this.#line = line;
    this.#up = line.pipe();
    this.#down = line.pipe();
    line.add(this);
    this.#up(() => {
      const there = line.lets("websocket") ? hub() : undefined;
      if (this.#state !== 0) return;
      if (there === undefined) return this.#down(() => this.#end(1006));
      this.#conversation = this.#open(there);
      this.#down(() => {
        if (this.#state !== 0) return;
        this.#state = 1;
        this.onopen?.({} as never);
      });
    });
  }

  /** As a `WebSocket` counts: 0 while it connects, 1 while it is open, 2 and 3 when it is over. */
  get readyState(): State {
    return this.#state;
  }

  /** Sends a text. What is sent on a socket that is over is lost. */
  send(text: string): void {
    if (this.#state === 0) throw new Error("the socket still connects");
    if (this.#state === 1) this.#up(() => this.#conversation?.hear(text));
  }

  /** Ends it in order. */
  close(code = 1000): void {
    if (this.#state >= 2) return;
    this.#state = 2;
    this.#up(() => {
      this.#conversation?.over();
      this.#down(() => this.#end(code));
    });
  }

  /** @internal The network has broken it. */
  broken(): void {
    this.#conversation?.over();
    this.#end(1006);
  }

  #open(hub: Hub): Conversation {
    const conversation: Conversation = new Conversation(hub, {
      send: (text) => this.#down(() => void (this.#state === 1 && this.onmessage?.({ data: text } as never))),
      // Platforms answer pings by themselves.
      ping: () => this.#down(() => this.#state < 3 && this.#up(() => conversation.heard())),
      close: (code = 1006) => this.#down(() => this.#end(code)),
    });
    return conversation;
  }

  #end(code: number): void {
    if (this.#state === 3) return;
    this.#state = 3;
    this.#line.remove(this);
    if (code === 1006) this.onerror?.({} as never);
    this.onclose?.({ code, reason: "" } as never);
  }
}
