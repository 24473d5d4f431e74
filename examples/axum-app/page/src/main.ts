import { PresenceClient } from "presence-client";

import { logOut, me, token } from "./api.js";
import { showConnection, TokenRing } from "./connection.js";
import { Desk } from "./desk.js";
import { avatar, find, say } from "./dom.js";
import { askWho } from "./login.js";
import { Notices } from "./notices.js";

const who = await me();
if (who) begin(who);
else await askWho();

function begin(who: NonNullable<Awaited<ReturnType<typeof me>>>): void {
  document.body.dataset["screen"] = "desk";
  const notices = new Notices();
  const ring = new TokenRing();
  const client = new PresenceClient({
    url: "/presence",
    async token() {
      const had = await token();
      const count = ring.had(had);
      notices.add("plain", count === 1 ? "Shown a token" : "Shown a new token, before the old one expired");
      return had;
    },
    onError: ({ code, message }, topic) => {
      // What is refused on the board that is open shows there.
      if (topic === undefined) notices.add("no", message, code);
    },
  });
  showConnection(client);
  client.onStatus(({ state, error }) => {
    if (state === "closed" && error?.code === "unauthenticated") void askWho("You were logged out.");
  });

  const { user, name } = who.person;
  find(".me").prepend(avatar(user, name));
  say(find(".me .name"), name);
  find(".me .out").addEventListener("click", async () => {
    await logOut();
    client.close();
    location.reload();
  });

  const first = new URLSearchParams(location.search).get("board");
  const mine = who.boards.find((board) => who.person.roles[board]);
  void new Desk(client, who, notices).open(first ?? mine ?? who.boards[0] ?? "");
}
