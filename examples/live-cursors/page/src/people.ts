import { find, make, mark, say } from "./dom.js";
import { initials } from "./name.js";
import type { Person } from "./person.js";
import { count } from "./sentence.js";

/** Who is here: oneself first, with the own name to edit, then everybody else. */
export class People {
  readonly #panel = find(".people");
  readonly #list = find(".everybody", this.#panel);
  readonly #count = find(".count", this.#panel);
  readonly #you = new Row(find(".row.you", this.#panel));
  readonly #rows = new Map<string, Row>();

  /** Shows these people and nobody else. */
  show(people: readonly Person[]): void {
    const gone = new Set(this.#rows.keys());
    for (const person of people) {
      gone.delete(person.id);
      this.#row(person).show(person);
    }
    for (const id of gone) {
      this.#rows.get(id)?.element.remove();
      this.#rows.delete(id);
    }
    say(this.#count, String(people.length));
    this.#count.setAttribute("aria-label", count(people.length));
    this.#panel.classList.toggle("alone", people.length < 2);
  }

  #row(person: Person): Row {
    if (person.you) return this.#you;
    let row = this.#rows.get(person.id);
    if (!row) {
      row = new Row(blank(person.id));
      this.#rows.set(person.id, row);
      this.#list.append(row.element);
    }
    return row;
  }
}

/** A row as the page has it for oneself, except that the name is plain text. */
function blank(id: string): HTMLElement {
  const element = make("li", "row");
  element.dataset["member"] = id;
  const avatar = make("span", "avatar");
  avatar.setAttribute("aria-hidden", "true");
  const words = make("span", "words");
  words.append(make("span", "name"), make("span", "note"));
  element.append(avatar, words);
  return element;
}

class Row {
  readonly element: HTMLElement;
  readonly #avatar: Element;
  readonly #name: Element | null;
  readonly #note: Element;

  constructor(element: HTMLElement) {
    this.element = element;
    this.#avatar = find(".avatar", element);
    this.#name = element.querySelector("span.name");
    this.#note = find(".note", element);
  }

  show({ name, hue, tool, activity, message, typing }: Person): void {
    if (hue !== null) this.element.style.setProperty("--hue", String(hue));
    mark(this.element, "activity", activity);
    mark(this.element, "typing", String(typing));
    say(this.#avatar, initials(name));
    if (this.#name) say(this.#name, name);
    say(this.#note, message || (activity === "active" ? DOING[tool] : RESTING[activity]));
    this.#note.classList.toggle("said", message !== "");
  }
}

const DOING = { pointer: "Pointing", pen: "Drawing", eraser: "Erasing", text: "Writing" } as const;
const RESTING = { idle: "Idle", away: "Away" } as const;
