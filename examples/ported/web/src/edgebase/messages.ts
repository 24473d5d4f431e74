/** The messages by themselves, for what has no client: say who you are, look, be there. */

import type { PlayerInput } from "../../generated/index.js";

export function converse(presence: string, session: string, topic: string, value: PlayerInput, hear: (message: { type: string }) => void) {
  const socket = new WebSocket(`${presence.replace("http", "ws")}/ws`);
  const say = (message: object) => socket.send(JSON.stringify(message));
  socket.onopen = () => {
    say({ type: "hello", protocol: 1, session });
    say({ type: "subscribe", topic });
    say({ type: "heartbeat", topic, value });
  };
  socket.onmessage = ({ data }) => hear(JSON.parse(data));
  return () => socket.close();
}
