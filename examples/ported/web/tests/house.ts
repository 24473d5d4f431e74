/** A server in memory with the topics of all examples, and whom tests want there. */

import type { PresenceClient } from "presence-client";
import { TestServer } from "presence-client/testing";
import type { TestClientOptions, TestServerOptions } from "presence-client/testing";
import { afterEach } from "vitest";
import { chatter, cursor, editor, occupant, player, pointer } from "../generated/index.js";

const open = new Set<TestServer>();
afterEach(() => {
  for (const it of open) it.close();
  open.clear();
});

export interface House {
  readonly server: TestServer;
  /** Somebody, in a tab of their own at each call. */
  enter(user: string, options?: TestClientOptions): PresenceClient;
}

export function house(options: Partial<TestServerOptions> = {}): House {
  const server = new TestServer({ topics: [editor, pointer, chatter, occupant, cursor, player], ...options });
  open.add(server);
  return { server, enter: (user, more) => server.client({ user, ...more }) };
}

/** So much time that everything has arrived, and little enough that nobody is given up. */
export const SOON_MS = 300;
