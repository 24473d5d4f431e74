/** One connection, whatever carries it: messages of the protocol in both directions. */

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
  socket.onopen = () => ear.opened();
  socket.onmessage = ({ data }: { readonly data: unknown }) => ear.heard(readMessage(data));
  socket.onclose = ({ code }: { readonly code: number }) => ear.ended(code);
  // A close always follows, and tells more.
  socket.onerror = () => {};
  return {
    send: (message) => socket.send(JSON.stringify(message)),
    close: () => socket.close(1000),
  };
}
