import { find } from "./dom.js";
import { chooseName } from "./memory.js";
import { tidy } from "./name.js";

/** The own name, edited where it is shown. It is chosen by Enter or by going elsewhere. */
export function editName(name: string, renamed: (name: string) => void): void {
  const input = find<HTMLInputElement>(".row.you input");
  let current = name;
  input.value = current;

  input.addEventListener("change", () => {
    const next = tidy(input.value) || current;
    input.value = next;
    if (next === current) return;
    current = next;
    chooseName(next);
    renamed(next);
  });
  input.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") input.value = current;
    if (key === "Escape" || key === "Enter") input.blur();
  });
}
