/** What is published of the package: `npm pack` of what was built. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (file: string) => readFileSync(join(root, file), "utf8");
let files: string[];

beforeAll(() => {
  if (!existsSync(join(root, "dist/index.js"))) throw new Error("nothing was built: `npm run build`");
  const { stdout, stderr } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: root, encoding: "utf8" });
  expect(stdout, stderr).not.toBe("");
  // A list of packages, or since npm 11 an object of them.
  const [packed] = Object.values(JSON.parse(stdout)) as [{ files: { path: string }[] }];
  files = packed.files.map(({ path }) => path);
}, 60_000);

test("beside what was built there are README, changelog and licenses, and nothing else", () => {
  const beside = files.filter((it) => !it.startsWith("dist/")).sort();
  expect(beside).toEqual(["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json"]);
  for (const it of ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"]) expect(read(it), `${it} is the repository's`).toBe(read(`../${it}`));
});

test("what was built is of a source that is there, and no test", () => {
  const built = files.filter((it) => it.startsWith("dist/"));
  const sources = new Set(built.map((it) => it.replace(/^dist\//, "src/").replace(/(\.d\.ts|\.js|\.js\.map)$/, "")));
  for (const it of sources) expect([".ts", ".tsx"].some((end) => existsSync(join(root, it + end))), `${it} is gone; build anew without dist`).toBe(true);
  expect(built.filter((it) => it.includes(".test."))).toEqual([]);
  for (const it of sources) {
    const name = it.replace("src/", "dist/");
    expect(files).toEqual(expect.arrayContaining([`${name}.js`, `${name}.js.map`, `${name}.d.ts`]));
  }
});

test("every entry is there, and every map has its source", () => {
  const { exports } = JSON.parse(read("package.json")) as { exports: Record<string, Record<string, string>> };
  const entries = Object.values(exports).flatMap((it) => Object.values(it).map((path) => path.replace("./", "")));
  expect(entries.length).toBeGreaterThanOrEqual(10);
  expect(files).toEqual(expect.arrayContaining(entries));
  for (const map of files.filter((it) => it.endsWith(".map"))) {
    const { sources, sourcesContent } = JSON.parse(read(map)) as { sources: string[]; sourcesContent?: string[] };
    expect(sourcesContent, map).toHaveLength(sources.length);
  }
});

test("the README links to nothing that lies beside the package in its repository", () => {
  const prose = read("README.md").replaceAll(/^```.*?^```/gms, "");
  const links = [...prose.matchAll(/\]\(([^)]+)\)/g)].map(([, to = ""]) => to);
  const headings = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => `#${title.toLowerCase().replaceAll(/[^\w -]/g, "").replaceAll(" ", "-")}`);
  for (const to of links) expect([...headings, to.startsWith("https://") ? to : ""]).toContain(to);
});
