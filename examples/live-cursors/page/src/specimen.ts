import { find, say } from "./dom.js";
import type { Person } from "./person.js";

/** The annotated struct in the middle of the board, each field beside what one says with it now. */
export class Specimen {
  readonly #place = find(".specimen");

  show({ x, y, name, tool, typing, hue }: Person): void {
    if (hue !== null) this.#place.style.setProperty("--hue", String(hue));
    const rust = tool.charAt(0).toUpperCase() + tool.slice(1);
    const fields = { x: x.toFixed(1), y: y.toFixed(1), label: `"${name}"`, tool: rust, typing: String(typing) };
    for (const [field, value] of Object.entries(fields)) {
      say(find(`[data-field="${field}"]`, this.#place), `// ${value}`);
    }
  }
}
