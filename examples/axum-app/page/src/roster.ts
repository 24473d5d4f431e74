import type { Cursor } from "generated";
import type { User, View } from "presence-client";

import type { Person, Role } from "./api.js";
import { avatar, find, make } from "./dom.js";

/** What an owner may ask for. */
export interface Asks {
  kick(user: string): void;
  appoint(user: string, role: Role | null): void;
}

/** Who has any business on a board, and who of them is there: users, with their tabs folded. */
export class Roster {
  readonly #list = find(".roster ul");
  readonly #count = find(".roster .count");
  readonly #asks: Asks;
  /** What is shown, so that a list that is as before is left alone. */
  #shown = "";

  constructor(asks: Asks) {
    this.#asks = asks;
  }

  show(board: string, you: string, people: readonly Person[], view: View<Cursor>): void {
    const here = new Map(view.users.map((user) => [user.user, user]));
    const owner = people.find(({ user }) => user === you)?.roles[board] === "owner";
    const known = people.filter(({ user, roles }) => here.has(user) || roles[board] || owner);
    const bots = view.users.filter(({ user }) => !people.some((it) => it.user === user));
    const strangers = bots.map(({ user }): Person => ({ user, name: "Board bot", roles: {} }));
    const seen = view.status === "closed" ? [] : [...known, ...strangers];
    const all = seen.sort((a, b) => Number(here.has(b.user)) - Number(here.has(a.user)));
    this.#count.textContent = String(all.filter(({ user }) => here.has(user)).length);
    const news = JSON.stringify([board, owner, all, all.map(({ user }) => stateOf(here.get(user))), idsOf(view)]);
    if (news === this.#shown) return;
    this.#shown = news;
    this.#list.replaceChildren(...all.map((it) => this.#row(board, it, { you, owner, here: here.get(it.user) })));
  }

  #row(board: string, { user, name, roles }: Person, { you, owner, here }: About): HTMLElement {
    const title = make("span", "name", name);
    const tabs = here?.members.length ?? 0;
    if (tabs > 1) title.append(make("span", "tabs", ` (${tabs} tabs)`));
    if (user === you) title.append(make("span", "tag", "You"));
    if (user === "bot") title.append(make("span", "tag", "Service"));
    const words = make("span", "words", title, make("span", "note", stateOf(here)));
    const row = make("li", here ? "here" : "", avatar(user, name), words);
    row.dataset["user"] = user;
    const isPerson = user !== "bot";
    if (isPerson && owner && user !== you) row.append(this.#choice(user, name, roles[board]));
    else if (isPerson) row.append(make("span", "role", roles[board] ?? "no role"));
    if (owner && here && user !== you) row.append(this.#sendAway(user, name));
    return row;
  }

  #choice(user: string, name: string, role: Role | undefined): HTMLElement {
    const select = make("select", "role");
    select.setAttribute("aria-label", `What ${name} is here`);
    for (const one of ["owner", "editor", "viewer", "no role"]) select.append(make("option", "", one));
    select.value = role ?? "no role";
    select.addEventListener("change", () => {
      this.#asks.appoint(user, select.value === "no role" ? null : (select.value as Role));
    });
    return select;
  }

  #sendAway(user: string, name: string): HTMLElement {
    const button = make("button", "away", "Send away");
    button.type = "button";
    button.setAttribute("aria-label", `Send ${name} away`);
    button.addEventListener("click", () => this.#asks.kick(user));
    return button;
  }
}

interface About {
  readonly you: string;
  readonly owner: boolean;
  readonly here: User<Cursor> | undefined;
}

function idsOf({ members }: View<Cursor>): readonly string[] {
  return members.map(({ member }) => member);
}

function stateOf(here: User<Cursor> | undefined): string {
  if (!here) return "Not here";
  if (here.members.some(({ value }) => value.typing)) return "Typing…";
  return { active: "Here", idle: "Here, idle", away: "Away" }[here.activity];
}
