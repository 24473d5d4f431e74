/** A page for newcomers as the steps that it tells its reader to take. */

/**
 * A file to be made, a change to one that is there (lines that go, and what comes for each run of them), a block of commands and
 * what the page says that they print, a page to be opened in two windows (and whether to restart its server meanwhile), or all
 * programs to be ended.
 *
 * @typedef {{ line: number } & (
 *   | { does: "file", path: string, text: string }
 *   | { does: "change", path: string, changes: { from: string, to: string }[] }
 *   | { does: "run", commands: string[], prints: string[] }
 *   | { does: "open", url: string, restarts: boolean }
 *   | { does: "interrupt" }
 * )} Step
 */

/** How fast people read what is about computers, and how long it takes to copy a block to where it belongs. */
const WORDS_A_MINUTE = 200;
const SECONDS_A_BLOCK = 12;

/**
 * @param {string} page its Markdown
 * @returns {{ steps: Step[], words: number, blocks: number, minutes: number }} `minutes` are those of a person, without what machines take
 */
export function guide(page) {
  /** @type {Step[]} */
  const steps = [];
  let words = 0;
  let blocks = 0;
  /** @type {string | undefined} */
  let path;
  const lines = page.split("\n");
  for (let i = 0; i < lines.length; i += 1) {
    const line = i + 1;
    const text = lines[i] ?? "";
    const fence = /^```(\w+)$/.exec(text)?.[1];
    if (fence) {
      const end = lines.indexOf("```", i);
      if (end < 0) throw new Error(`line ${line}: the block has no end`);
      const block = lines.slice(i + 1, end);
      i = end;
      const last = steps.at(-1);
      if (fence === "text" && path === undefined) {
        if (last?.does !== "run") throw new Error(`line ${line}: nothing was run that could print this`);
        last.prints.push(...block);
        continue;
      }
      blocks += 1;
      if (fence === "sh") steps.push({ line, does: "run", commands: block, prints: [] });
      else if (path === undefined) throw new Error(`line ${line}: the block does not say which file it is`);
      else if (fence === "diff") steps.push({ line, does: "change", path, changes: changes(block) });
      else steps.push({ line, does: "file", path, text: `${block.join("\n")}\n` });
      path = undefined;
      continue;
    }
    if (path !== undefined && text !== "") throw new Error(`line ${line}: \`${path}\` has no block`);
    path = /^\*\*`([^`]+)`\*\*$/.exec(text)?.[1];
    words += text.split(/\s+/).filter((it) => /\w/.test(it)).length;
    if (/\bEnd both programs with Ctrl-C\b/.test(text)) steps.push({ line, does: "interrupt" });
    const url = /^Open <(\S+)> in two windows/.exec(text)?.[1];
    if (url) steps.push({ line, does: "open", url, restarts: /end the server with Ctrl-C and start it again/.test(text) });
  }
  return { steps, words, blocks, minutes: words / WORDS_A_MINUTE + (blocks * SECONDS_A_BLOCK) / 60 };
}

/** @param {string[]} block */
function changes(block) {
  /** @type {{ from: string, to: string }[]} */
  const found = [];
  for (const [i, line] of block.entries()) {
    const [sign, text] = [line[0], line.slice(1)];
    const last = found.at(-1);
    if (sign === "-") found.push({ from: text, to: "" });
    else if (sign === "+" && last && block[i - 1]?.[0] === "-") last.to = text;
    else throw new Error(`a change is a line that goes and the one that comes for it, not: ${line}`);
  }
  return found;
}
