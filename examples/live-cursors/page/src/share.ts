import { find, say } from "./dom.js";

const THANKS_MS = 2_000;

/** The ways to bring others here: copy the address, or open it once more. */
export function offerLink(address: string): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a.second-tab")) link.href = address;
  for (const button of document.querySelectorAll<HTMLButtonElement>("button.copy")) {
    const label = find(".label", button);
    const words = label.textContent ?? "";
    button.addEventListener("click", async () => {
      say(label, (await copied(address)) ? "Copied" : "Copy failed");
      setTimeout(() => say(label, words), THANKS_MS);
    });
  }
}

async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not allowed, or not served securely: the visitor can copy from a prompt.
    prompt("The link to this board:", text);
    return true;
  }
}
