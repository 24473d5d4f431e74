// The TypeScript compiler takes the emitted files, keeps the promises of types.ts, and takes every
// valid payload as input and every canonical form as a value.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const generated = fileURLToPath(new URL("../../generated/index.js", import.meta.url));
const compiler = fileURLToPath(new URL("node_modules/typescript/bin/tsc", import.meta.url));

/** What the compiler complains about; nothing when all is well. */
function complaints(project) {
  try {
    execFileSync(process.execPath, [compiler, "--project", project], { encoding: "utf8" });
    return "";
  } catch (error) {
    return error.stdout || String(error);
  }
}

/** Complaints about one module that stands somewhere else. */
function complaintsAbout(source) {
  const folder = mkdtempSync(join(tmpdir(), "presence-contract-"));
  try {
    writeFileSync(join(folder, "module.ts"), source);
    const project = { extends: join(here, "tsconfig.json"), files: ["module.ts"], include: [] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
    return complaints(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the emitted files compile and the types keep their promises", () => {
  assert.equal(complaints(here), "");
});

test("payloads are typed as they are judged", () => {
  const payloads = JSON.parse(readFileSync(join(here, "payloads.json"), "utf8"));
  const valid = payloads.filter((row) => row.valid);
  const lines = valid.flatMap(({ type, payload, canonical }) => [
    `(${payload.trim()}) satisfies InputOf<typeof ${type.toLowerCase()}>;`,
    ...(canonical ? [`(${canonical}) satisfies ${type};`] : []),
  ]);
  const types = [...new Set(valid.map((row) => row.type))];
  const imports = types.flatMap((type) => [`type ${type}`, type.toLowerCase()]);
  const source = [
    `import { type InputOf, ${imports.join(", ")} } from ${JSON.stringify(generated)};`,
    ...lines,
  ];
  assert.ok(lines.length > 20);
  assert.equal(complaintsAbout(source.join("\n")), "");
});

test("a mistake would be noticed", () => {
  const source = `import type { Cursor } from ${JSON.stringify(generated)};\n({ x: 1 }) satisfies Cursor;`;
  assert.match(complaintsAbout(source), /TS2739/);
});
