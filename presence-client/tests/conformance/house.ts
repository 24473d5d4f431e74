/** A house with people and roles: the real application, and the server in memory with the same rules. */

import { APP, startApp } from "../server.js";
import type { Server } from "../server.js";
import { TestServer } from "../../src/testing/index.js";
import { TOPICS, memory, real } from "./subject.js";
import type { Subject } from "./subject.js";

/** What somebody is on the board `roadmap`. */
export type Role = "viewer" | "editor" | "owner" | null;

/** An application in which people log in. */
export interface House {
  readonly subject: Subject;
  /** Logs somebody in, and gets what shows who they are. */
  token(user: string): Promise<string>;
  /** Makes somebody something else. */
  appoint(user: string, role: Role): Promise<void>;
  /** Sends somebody away. */
  kick(user: string): Promise<void>;
  close(): Promise<void>;
}

const TOPIC = "boards:roadmap:cursors";

/** The server in memory with the rules of `examples/axum-app`. */
export function inMemory(): House {
  const roles = new Map<string, Role>([["ann", "owner"], ["bob", "editor"], ["cleo", "viewer"], ["dan", null]]);
  const server: TestServer = new TestServer({
    topics: TOPICS,
    authenticate: (token = "") => (roles.has(token) ? { user: token, expiresInMs: 3_600_000 } : "unauthenticated"),
    authorize: ({ user = "", action, topic }) => {
      const role = topic === TOPIC ? (roles.get(user) ?? null) : null;
      return action === "read" ? role !== null : role === "editor" || role === "owner";
    },
  });
  return {
    subject: memory(server),
    token: (user) => Promise.resolve(user),
    appoint: async (user, role) => {
      roles.set(user, role);
      server.reauthorize(user);
    },
    kick: async (user) => void server.kick(TOPIC, user),
    close: async () => server.close(),
  };
}

/** Whether the real application is there. */
export const hasApp = APP !== undefined;

/** The real application. */
export async function inReality(): Promise<House> {
  const server: Server = await startApp(3_600);
  const subject = real(server);
  const post = (path: string, body: unknown, cookie = "") =>
    fetch(new URL(path, server.url), {
      method: "POST",
      headers: { "content-type": "application/json", cookie },
      body: JSON.stringify(body),
    });
  const logIn = async (user: string) => (await post("/login", { user })).headers.get("set-cookie")?.split(";")[0] ?? "";
  const asOwner = async (path: string, body: unknown) => void (await post(path, body, await logIn("ann")));
  return {
    subject,
    token: async (user) => ((await (await post("/token", {}, await logIn(user))).json()) as { token: string }).token,
    appoint: (user, role) => asOwner("/boards/roadmap/roles", { user, role }),
    kick: (user) => asOwner("/boards/roadmap/kick", { user }),
    close: async () => {
      await subject.close();
      await server.stop();
    },
  };
}
