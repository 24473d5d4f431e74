/** What the README shows of a language, as files beside the tests: to be judged by the compiler, and run. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";

// In a simulated browser modules have the addresses of a page.
const root = import.meta.dirname ? join(import.meta.dirname, "..") : process.cwd();

/** The blocks of a language, in order, each made a module by `compile`, and written as a file of this kind. */
export function snippets(language: string, kind: "ts" | "tsx", compile: (code: string) => string = (it) => it) {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const directory = mkdtempSync(join(root, "tests/.snippets-"));
  const files = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, code = ""], i) => {
    const file = join(directory, `snippet-${i}.${kind}`);
    writeFileSync(file, compile(code).replaceAll('"../generated/', '"../../../generated/'));
    return file;
  });
  return {
    files,
    /** What the compiler says of them. */
    check(): string {
      const itself = { "presence-client": ["../../src/index.ts"], "presence-client/*": ["../../src/*/index.ts"] };
      const typing = { "presence-client/typing": ["../../src/typing.ts"] };
      // What a snippet names for its reader it need not use.
      const compilerOptions = { paths: { ...itself, ...typing }, noUnusedLocals: false };
      const config = { extends: "../../tsconfig.json", compilerOptions, include: ["*"], exclude: [] };
      writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(config));
      const tsc = join(root, "node_modules/.bin/tsc");
      return spawnSync(tsc, ["-p", directory], { encoding: "utf8", timeout: 60_000 }).stdout;
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}
