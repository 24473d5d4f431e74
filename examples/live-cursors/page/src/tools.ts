import type { Tool } from "generated";

import { find } from "./dom.js";

const TOOLS: readonly Tool[] = ["pointer", "pen", "eraser", "text"];

/** The tools to choose from: one radio group, and a digit each while the board has the focus. */
export class Tools {
  readonly #group = find<HTMLFieldSetElement>(".tools");
  readonly #board: HTMLElement;
  readonly #chosen: (tool: Tool) => void;

  constructor(board: HTMLElement, chosen: (tool: Tool) => void) {
    this.#board = board;
    this.#chosen = chosen;
    this.#group.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLInputElement) this.take(target.value as Tool);
    });
    board.addEventListener("keydown", ({ key, altKey, ctrlKey, metaKey }) => {
      const tool = TOOLS[Number(key) - 1];
      if (tool && !altKey && !ctrlKey && !metaKey) this.take(tool);
    });
  }

  /** Puts a tool into the hand. */
  take(tool: Tool): void {
    find<HTMLInputElement>(`[value="${tool}"]`, this.#group).checked = true;
    this.#board.dataset["tool"] = tool;
    this.#chosen(tool);
  }
}
