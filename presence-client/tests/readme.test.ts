/** What the README shows as a test is one: it is taken from there, built, and run by `node --test`. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));

test("the example of a test passes, and its process ends by itself", async () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [example] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code).filter((it) => it.includes("presence-client/testing"));
  const directory = mkdtempSync(join(tmpdir(), "presence-testing-"));
  try {
    const options = { bundle: true, platform: "node", format: "esm", absWorkingDir: root } as const;
    const alias = { "presence-client/testing": "./src/testing/index.ts" };
    const outfile = join(directory, "example.test.mjs");
    await build({ ...options, outfile, alias, stdin: { contents: example ?? "", loader: "ts", resolveDir: root }, logLevel: "error" });
    const run = () => spawnSync(process.execPath, ["--test", "--test-reporter=tap", directory], { encoding: "utf8", timeout: 20_000 });
    const { stdout, status } = run();
    expect(stdout).toContain("# pass 1");
    expect(status).toBe(0);

    // It can fail: a millisecond later the member is gone.
    writeFileSync(outfile, readFileSync(outfile, "utf8").replace("cursor.graceMs - 1", "cursor.graceMs"));
    expect(run().stdout).toContain("# fail 1");
  } finally {
    rmSync(directory, { recursive: true });
  }
}, 30_000);
