import { find, say } from "./dom.js";
import type { Person } from "./person.js";
import { typing } from "./sentence.js";

/** The most characters of a message, as `Status.message` has it. */
const MAX_CHARS = 140;

/** What the line needs of the page. */
export interface Writer {
  write(typing: boolean): void;
  say(message: string): void;
  /** The line is done with. */
  done(): void;
}

/** The line to write in, and the sentence that says who else is writing. */
export class MessageLine {
  readonly #form = find<HTMLFormElement>(".message");
  readonly #input = find<HTMLInputElement>("input", this.#form);
  readonly #sentence = find(".typing-line");
  readonly #text = find(".text", this.#sentence);

  constructor(writer: Writer) {
    this.#input.addEventListener("input", () => writer.write(this.#input.value.trim() !== ""));
    this.#input.addEventListener("blur", () => writer.write(false));
    this.#input.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") writer.done();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const message = Array.from(this.#input.value.trim()).slice(0, MAX_CHARS).join("");
      this.#input.value = "";
      writer.write(false);
      writer.say(message);
    });
  }

  /** Takes the keyboard. */
  focus(): void {
    this.#input.focus();
  }

  /** Says who is writing, oneself not counted. */
  show(people: readonly Person[]): void {
    const sentence = typing(people.filter((it) => it.typing && !it.you).map((it) => it.name));
    this.#sentence.classList.toggle("somebody", sentence !== "");
    say(this.#text, sentence);
  }
}
