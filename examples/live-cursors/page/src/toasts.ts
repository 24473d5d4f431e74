import { find, make } from "./dom.js";

const SHOWN_MS = 5_000;
const AT_ONCE = 3;

/** Short news in a corner, read out politely, gone after a while. */
export class Toasts {
  readonly #place = find(".toasts");

  show(text: string): void {
    const toast = make("p", "toast", text);
    this.#place.append(toast);
    while (this.#place.childElementCount > AT_ONCE) this.#place.firstElementChild?.remove();
    setTimeout(() => {
      toast.classList.add("leaving");
      setTimeout(() => toast.remove(), 300);
    }, SHOWN_MS);
  }
}
