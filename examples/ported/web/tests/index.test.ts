/** README.md lists what there is: every file, with its lines, and tests that there are. */

import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const files = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it) => relative(root, join(it.parentPath, it.name)));

/** What both sides share, and what starts it, is nobody's example. */
const SHARED = ["src/lib.rs", "src/main.rs", "src/codegen.rs", "src/types.rs"];

interface Row {
  readonly example: string;
  readonly file: string | undefined;
  readonly there: number;
  readonly here: string;
  readonly tests: readonly string[];
}

const rows = read("README.md")
  .split("\n")
  .filter((it) => it.startsWith("| ") && !it.startsWith("| example"))
  .map((line): Row => {
    const [, example = "", file = "", there = "", here = "", , tests = ""] = line.split("|").map((it) => it.trim());
    return {
      example,
      file: /\]\((.*)\)/.exec(file)?.[1],
      there: Number(there),
      here,
      tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, title = ""]) => title),
    };
  });

/** Lines of code, without blank lines, comments and imports. */
function lines(text: string): number {
  const code = text.replace(/\/\*[^]*?\*\//g, "").replace(/^(import|use) [^;]*;$/gm, "");
  return code.split("\n").filter((it) => it.trim() !== "" && !it.trim().startsWith("//")).length;
}

test("the lines are counted without blank lines, comments and imports", () => {
  expect(lines('/** A\n * b. */\n\nimport {\n  a,\n} from "b";\nuse a::{b,\nc};\n// c\nconst d = 1; // e\n/// f\n  g();\n')).toBe(2);
});

test("every file is listed, and whatever is listed is there", () => {
  const listed = rows.flatMap(({ file }) => file ?? []);
  const there = [...files("src"), ...files("web/src")].filter((it) => !SHARED.includes(it));
  expect(listed.sort()).toEqual(there.sort());
});

test.each(rows)("$example: the lines are counted, and said where they are not fewer", ({ file, there, here }) => {
  const count = file === undefined ? 0 : lines(read(file));
  expect(Number.parseInt(here, 10)).toBe(count);
  expect(here.includes("not fewer")).toBe(count > 0 && count >= there);
});

test("altogether they are so many", () => {
  const ours = rows.reduce((sum, { here }) => sum + Number.parseInt(here, 10), 0);
  const theirs = rows.reduce((sum, { there }) => sum + there, 0);
  expect(read("README.md")).toContain(`${theirs} lines there, ${ours} here and ${lines(read("src/types.rs"))} of types`);
});

test.each(rows)("$example: there is each test that is named", ({ tests }) => {
  const code = [...files("tests"), ...files("web/tests")].filter((it) => !it.includes("index.test")).map(read);
  expect(tests.length).toBeGreaterThan(0);
  for (const title of tests) {
    const named = (it: string) => it.includes(`fn ${title}(`) || it.includes(`("${title}",`);
    expect(code.some(named), title).toBe(true);
  }
});
