import { find, make } from "./dom.js";

/** How a notice looks: good, refused, or merely said. */
export type Tone = "good" | "no" | "plain";

const MOST = 40;

/** What the server has said lately, newest first. */
export class Notices {
  readonly #list = find(".notices ol");

  add(tone: Tone, text: string, code?: string): void {
    const time = make("time", "", new Date().toLocaleTimeString([], { hour12: false }));
    const words = make("span", "words", text);
    if (code) words.prepend(make("code", "", code), " ");
    const item = make("li", tone, time, words);
    this.#list.prepend(item);
    while (this.#list.children.length > MOST) this.#list.lastElementChild?.remove();
  }
}
