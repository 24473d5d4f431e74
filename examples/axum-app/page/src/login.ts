import { logIn, people } from "./api.js";
import type { Person } from "./api.js";
import { avatar, find, make, say } from "./dom.js";

/** Asks who somebody is, and begins anew once that is known. */
export async function askWho(why = ""): Promise<void> {
  document.body.dataset["screen"] = "login";
  say(find(".login .why"), why);
  const rows = (await people()).map(rowOf);
  find(".login .choices").replaceChildren(...rows);
}

function rowOf({ user, name, roles }: Person): HTMLElement {
  const boards = Object.entries(roles).map(([board, role]) => `${role} of ${board}`);
  const words = make("span", "words", make("span", "name", name), make("span", "note", boards.join(", ")));
  const button = make("button", "choice", avatar(user, name), words);
  button.type = "button";
  button.addEventListener("click", async () => {
    const refused = await logIn(user);
    if (refused) say(find(".login .why"), refused);
    else location.reload();
  });
  return make("li", "", button);
}
