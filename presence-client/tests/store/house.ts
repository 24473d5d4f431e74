/** A board with somebody else on it, and a client whose messages are counted: what hooks and composables are tried at. */

import { cursor, typing } from "../../../generated/index.js";
import { PresenceClient } from "../../src/index.js";
import { TestServer } from "../../src/testing/index.js";

export const ann = { x: 1, y: 2, label: "Ann" };
export const bo = { x: 3, y: 4, label: "Bo" };

/** A server; Ann's client, with what it says; and Bo, who looks on. */
export function house(boards: readonly string[] = ["42"]) {
  const server = new TestServer({ topics: [cursor, typing] });
  const said: { readonly type: string; readonly topic?: string; readonly value?: unknown }[] = [];
  let connections = 0;
  const environment = server.environment();
  const client = new PresenceClient({
    url: server.url,
    token: () => Promise.resolve("ann"),
    environment: {
      ...environment,
      connect: (url) => {
        connections += 1;
        const socket = environment.connect(url);
        const send = socket.send.bind(socket);
        socket.send = (text) => {
          said.push(JSON.parse(text));
          send(text);
        };
        return socket;
      },
    },
  });
  const other = server.client({ user: "bo" });
  /** What Bo hears of others. */
  const heard: string[] = [];
  const theirs = boards.map((board) => other.topic(cursor, { board }));
  for (const it of theirs) {
    it.onJoin(({ user }) => heard.push(`${user} joins ${it.name}`));
    it.onLeave(({ user }, reason) => heard.push(`${user} leaves ${it.name}: ${reason}`));
  }
  const [first] = theirs;
  if (!first) throw new Error("at least one board");
  return {
    server,
    client,
    /** Bo's board: the first. */
    board: first,
    other,
    heard,
    /** What Ann's client said of some kind, in order. */
    said: (type: string) => said.filter((it) => it.type === type),
    connections: () => connections,
  };
}
