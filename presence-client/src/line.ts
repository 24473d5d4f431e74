/** One connection, whatever carries it: messages of the protocol in both directions. */

import { Breath } from "./breath.js";
import type { Environment } from "./environment.js";
import type { PresenceError } from "./error.js";
import { readMessage } from "./wire.js";
import type { ClientMessage, ServerMessage } from "./wire.js";

/** Where messages are sent. */
export interface Line {
  send(message: ClientMessage): void;
  /** The network may be another. */
  doubt?(): void;
  /** Ends it. Nothing is heard of it any more. */
  close(): void;
}

/** What is told of a line. */
export interface Ear {
  /** Messages can be sent. */
  opened(): void;
  /** Something came: a sign of life at least. */
  heard(message: ServerMessage | undefined): void;
  /** It ended, by a close code of the protocol; the error says why, where that is known. */
  ended(code: number, error?: PresenceError): void;
}

/** A WebSocket. */
export function socketLine(environment: Environment, url: string, ear: Ear): Line {
  const socket = environment.connect(url);
  const breath = new Breath(environment);
  /** What came before the page had its turn. */
  const waiting: unknown[] = [];
  const hear = (data: unknown) => breath.spend(() => ear.heard(readMessage(data)));
  let resting = false;
  const rest = () => {
    if (resting) return;
    resting = true;
    breath.take(() => {
      resting = false;
      go(() => breath.due);
    });
  };
  const go = (enough: () => boolean) => {
    while (waiting.length > 0) {
      if (enough()) return rest();
      hear(waiting.shift());
    }
  };
  socket.onopen = () => ear.opened();
  socket.onmessage = ({ data }: { readonly data: unknown }) => {
    waiting.push(data);
    if (breath.due) rest();
    else go(() => breath.due);
  };
  socket.onclose = ({ code }: { readonly code: number }) => {
    go(() => false);
    ear.ended(code);
  };
  // A close always follows, and tells more.
  socket.onerror = () => {};
  return {
    send: (message) => socket.send(JSON.stringify(message)),
    close: () => {
      waiting.length = 0;
      socket.close(1000);
    },
  };
}
