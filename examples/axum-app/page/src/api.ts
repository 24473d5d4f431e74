/** The application's own routes. The cookie goes along by itself; no script ever sees it. */

import { PresenceError } from "presence-client";

/** What somebody is on a board. */
export type Role = "viewer" | "editor" | "owner";

/** Somebody whom the application knows. */
export interface Person {
  readonly user: string;
  readonly name: string;
  /** By board; nothing where the person has no business. */
  readonly roles: { readonly [board: string]: Role | undefined };
}

/** Who is logged in, and the boards there are. */
export interface Me {
  readonly person: Person;
  readonly boards: readonly string[];
}

/** Who is logged in; nothing when nobody is. */
export async function me(): Promise<Me | undefined> {
  const response = await fetch("/me");
  return response.ok ? ((await response.json()) as Me) : undefined;
}

export async function people(): Promise<readonly Person[]> {
  return (await (await fetch("/people")).json()) as readonly Person[];
}

/**
 * A token for presence. The client asks for it before every connection, and before the last one
 * expires. Where nobody is logged in any more there will be none: the client is told so and closes.
 */
export async function token(): Promise<string> {
  const response = await fetch("/token", { method: "POST" });
  if (response.status === 401) {
    throw new PresenceError({ code: "unauthenticated", message: "nobody is logged in" });
  }
  if (!response.ok) throw new Error(`the application answered ${response.status}`);
  return ((await response.json()) as { token: string }).token;
}

export const logIn = (user: string) => post("/login", { user });
export const logOut = () => post("/logout", {});
export const kick = (board: string, user: string) => post(`/boards/${board}/kick`, { user });
export const appoint = (board: string, user: string, role: Role | null) =>
  post(`/boards/${board}/roles`, { user, role });

/** Returns why it was refused; nothing when it was done. */
async function post(path: string, body: object): Promise<string | undefined> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return response.ok ? undefined : `${response.status} ${await response.text()}`;
}
