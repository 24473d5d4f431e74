import type { Cursor } from "generated";
import type { Member, View } from "presence-client";

import { find, hueOf, make, say } from "./dom.js";

/** The board's own size; a screen shows it larger or smaller. */
export const SIZE = { width: 1_200, height: 800 };

/** What a board that nobody may look at says instead. */
const VEILS: { readonly [code: string]: readonly [title: string, text: string] } = {
  forbidden: ["Not for you", "There is no such board, or it is not for you. Which of the two, nobody is told."],
  kicked: ["You were sent away", "Its owner may do that. For a minute the server will not have you here."],
  unauthenticated: ["Logged out", "Whoever you were, you are not any more."],
};

/** The board: everybody's pointer, or why there is nothing to see. */
export class Stage {
  readonly element = find(".board");
  readonly #cursors = find(".cursors", this.element);
  readonly #veil = find(".veil", this.element);
  readonly #shown = new Map<string, HTMLElement>();

  /** Calls with places on the board that the pointer moves to. */
  onMove(call: (x: number, y: number) => void): void {
    this.element.addEventListener("pointermove", ({ clientX, clientY }) => {
      const { left, top, width, height } = this.element.getBoundingClientRect();
      const x = ((clientX - left) / width) * SIZE.width;
      const y = ((clientY - top) / height) * SIZE.height;
      call(clamp(x, SIZE.width), clamp(y, SIZE.height));
    });
  }

  show(view: View<Cursor>, nameOf: (member: Member<Cursor>) => string): void {
    const gone = new Set(this.#shown.keys());
    for (const member of view.members) {
      gone.delete(member.member);
      this.#cursor(member.member, member.user, member === view.self).dataset["typing"] = String(member.value.typing);
      this.#place(member, nameOf(member));
    }
    for (const id of gone) {
      this.#shown.get(id)?.remove();
      this.#shown.delete(id);
    }
    const code = view.error?.code ?? "";
    const [title, text] = VEILS[code] ?? ["Nothing to see", view.error?.message ?? ""];
    this.#veil.hidden = view.status !== "closed";
    say(find("h2", this.#veil), title);
    say(find("p", this.#veil), text);
    this.element.dataset["looking"] = String(view.status !== "closed" && view.error !== null);
  }

  #place({ member, value }: Member<Cursor>, name: string): void {
    const cursor = this.#shown.get(member);
    if (!cursor) return;
    cursor.style.left = `${(value.x / SIZE.width) * 100}%`;
    cursor.style.top = `${(value.y / SIZE.height) * 100}%`;
    say(find(".flag .name", cursor), name);
  }

  #cursor(id: string, user: string, you: boolean): HTMLElement {
    const known = this.#shown.get(id);
    if (known) return known;
    const arrow = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    arrow.setAttribute("viewBox", "0 0 20 20");
    arrow.innerHTML = '<path d="M3 2l5 15 3-6 6-3z" />';
    const dots = make("span", "dots", make("i", ""), make("i", ""), make("i", ""));
    const made = make("div", "cursor", arrow, make("span", "flag", make("span", "name"), dots));
    made.classList.toggle("you", you);
    made.dataset["user"] = user;
    made.style.setProperty("--hue", String(hueOf(user)));
    this.#shown.set(id, made);
    this.#cursors.append(made);
    return made;
  }
}

function clamp(at: number, most: number): number {
  return Math.round(Math.min(most, Math.max(0, at)));
}
