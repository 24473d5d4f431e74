/** What a page for newcomers tells its reader to do. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { guide } from "./guide.js";

const fence = (/** @type {string} */ language, /** @type {string[]} */ ...lines) => ["```" + language, ...lines, "```"].join("\n");

test("names files, changes, commands and what they print, in order", () => {
  const page = [
    "# A page",
    "**`src/a.rs`**",
    fence("rust", "fn main() {}"),
    fence("sh", "cargo run", "ls"),
    fence("text", "a.rs"),
    "**`src/a.rs`**",
    fence("diff", "-fn main() {}", "+fn main() { println!(); }"),
    "Open <http://localhost:1> in two windows.",
    "Then end the other. End both programs with Ctrl-C.",
  ];
  const { steps, words, blocks } = guide(page.join("\n"));
  assert.deepEqual(steps, [
    { line: 3, does: "file", path: "src/a.rs", text: "fn main() {}\n" },
    { line: 6, does: "run", commands: ["cargo run", "ls"], prints: ["a.rs"] },
    { line: 14, does: "change", path: "src/a.rs", changes: [{ from: "fn main() {}", to: "fn main() { println!(); }" }] },
    { line: 18, does: "open", url: "http://localhost:1", restarts: false },
    { line: 19, does: "interrupt" },
  ]);
  assert.deepEqual({ words, blocks }, { words: 18, blocks: 3 });
});

test("leaves nothing out that it does not understand", () => {
  const refused = (/** @type {string[]} */ ...page) => assert.throws(() => guide(page.join("\n")), /^Error: (line \d+: |a change is)/);
  refused(fence("rust", "fn main() {}"));
  refused("**`a.rs`**", "And this is no block.");
  refused(fence("text", "printed by nothing"));
  refused("**`a.rs`**", fence("diff", "+only added"));
  refused(fence("sh", "ls").slice(0, -3));
});
