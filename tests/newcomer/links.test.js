/** Every link of the documents leads somewhere: to a file that is there, and to a heading in it. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** The anchors of a page's headings, as GitHub makes them. @param {string} page */
function anchors(page) {
  const titles = [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => title);
  return titles.map((it) => `#${it.toLowerCase().replaceAll(/[^\p{L}\p{N}_ -]/gu, "").replaceAll(" ", "-")}`);
}

/** What is no code. @param {string} page */
function prose(page) {
  return page.replaceAll(/^```.*?^```/gms, "");
}

test("every link leads somewhere", () => {
  const { stdout } = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"], { cwd: repository, encoding: "utf8" });
  // What documents link to that is rendered elsewhere is checked there: rustdoc's by rustdoc.
  const pages = stdout.split("\0").filter((it) => it !== "" && !it.endsWith("src/guide.md"));
  assert(pages.includes("README.md") && pages.includes("docs/first-steps.md"), pages.join());
  const broken = [];
  let links = 0;
  for (const name of pages) {
    const page = readFileSync(join(repository, name), "utf8");
    for (const [, to = ""] of prose(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(to)) continue;
      links += 1;
      const [path = "", anchor] = to.split("#");
      const file = path === "" ? join(repository, name) : join(repository, dirname(name), path);
      const isThere = existsSync(file) && (anchor === undefined || (statSync(file).isFile() && anchors(readFileSync(file, "utf8")).includes(`#${anchor}`)));
      if (!isThere) broken.push(`${name}: ${to} (${relative(repository, file)})`);
    }
  }
  assert(links > 30, `${links} links`);
  assert.deepEqual(broken, []);
});
