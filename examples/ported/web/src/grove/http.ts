/** The routes by themselves, for what has no client: who holds the session's key is the member. */

import type { EditorInput } from "../../generated/index.js";

export function atDocument(presence: string, document: string, session: string) {
  const topic = `${presence}/documents:${document}`;
  const headers = { "Presence-Session": session, "Content-Type": "application/json" };
  const post = async (route: string, body: object) =>
    (await fetch(`${topic}/${route}`, { method: "POST", headers, body: JSON.stringify(body) })).json();
  return {
    heartbeat: (value: EditorInput) => post("heartbeat", { value }),
    leave: () => post("leave", {}),
    snapshot: async () => (await fetch(`${topic}/value`)).json(),
  };
}
