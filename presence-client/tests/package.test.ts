/** What the package costs and asks of those who import it. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const CORE_BYTES = 8 * 1024;
/** What hooks for a framework add to that. */
const HOOKS_BYTES = 3 * 1024;
const FRAMEWORKS = ["react", "vue"];

const root = fileURLToPath(new URL("../", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "presence-client-"));
let outputs: Metafile["outputs"];

beforeAll(async () => {
  const entryPoints = ["index", "typing", ...FRAMEWORKS.map((it) => `${it}/index`)].map((it) => join(root, `src/${it}.ts`));
  const options = { bundle: true, splitting: true, minify: true, metafile: true, external: FRAMEWORKS } as const;
  const built = await build({ entryPoints, outdir: directory, format: "esm", target: "es2022", absWorkingDir: root, ...options });
  ({ outputs } = built.metafile);
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
});

afterAll(() => rmSync(directory, { recursive: true }));

/** What is loaded with an output, itself included: what it imports at once, and not what it imports when it is needed. */
function loadedWith(output: string, found = new Set<string>()): Set<string> {
  found.add(output);
  for (const { path, kind, external } of outputs[output]?.imports ?? []) {
    if (kind === "import-statement" && !external && !found.has(path)) loadedWith(path, found);
  }
  return found;
}

function outputOf(source: string): string {
  const found = Object.keys(outputs).find((it) => outputs[it]?.entryPoint === source);
  if (found === undefined) throw new Error(`nothing was built of ${source}`);
  return found;
}

const bytes = (files: Iterable<string>) =>
  Array.from(files, (it) => gzipSync(readFileSync(join(root, it)), { level: 9 }).length).reduce((sum, it) => sum + it, 0);

test("the entry has at most 8 KB, compressed", () => {
  const core = loadedWith(outputOf("src/index.ts"));
  const connected = new Set([...core, ...loadedWith(outputOf("src/conversation.ts"))]);
  const overHttp = new Set([...connected, ...loadedWith(outputOf("src/http.ts"))]);
  const sizes = [core, connected, overHttp].map(bytes);
  console.info(`gzipped: the entry ${sizes[0]} B, with a connection ${sizes[1]} B, over HTTP ${sizes[2]} B`);
  expect(sizes[0]).toBeLessThanOrEqual(CORE_BYTES);
});

test.each(FRAMEWORKS)("the hooks for %s add at most 3 KB, compressed", (framework) => {
  const core = loadedWith(outputOf("src/index.ts"));
  const added = bytes([...loadedWith(outputOf(`src/${framework}/index.ts`))].filter((it) => !core.has(it)));
  console.info(`gzipped: ./${framework} ${added} B`);
  expect(added).toBeLessThanOrEqual(HOOKS_BYTES);
});

test("nothing else is needed at run time, but for the framework that hooks are for", () => {
  const { dependencies, peerDependencies, peerDependenciesMeta, sideEffects } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(dependencies).toBeUndefined();
  expect(Object.keys(peerDependencies).sort()).toEqual(FRAMEWORKS);
  for (const it of FRAMEWORKS) expect(peerDependenciesMeta[it]).toEqual({ optional: true });
  expect(sideEffects).toBe(false);
  for (const [output, { imports }] of Object.entries(outputs)) {
    const own = FRAMEWORKS.filter((it) => output === outputOf(`src/${it}/index.ts`));
    for (const { path, external } of imports) if (!external || !own.includes(path)) expect(path).toMatch(/^\.\.\//);
  }
});

describe("in a bare platform", () => {
  const run = (program: string) =>
    // As a strict Content-Security-Policy does, this refuses code made of text.
    spawnSync(process.execPath, ["--disallow-code-generation-from-strings", "--input-type=module"], {
      input: program,
      cwd: directory,
      encoding: "utf8",
      timeout: 20_000,
    });
  const fileOf = (source: string) => `./${basename(outputOf(source))}`;

  test("importing it does nothing: it asks for nothing, starts nothing, and leaves nothing behind", () => {
    const files = ["src/index.ts", "src/typing.ts", "src/conversation.ts", "src/http.ts"].map(fileOf);
    const { stdout, stderr, status } = run(`
      const names = ["fetch", "setTimeout", "setInterval", "queueMicrotask", "crypto", "navigator", "performance"];
      const touched = [];
      for (const name of names) {
        const value = globalThis[name];
        Object.defineProperty(globalThis, name, { configurable: true, get: () => (touched.push(name), value) });
      }
      const before = Object.getOwnPropertyNames(globalThis).length;
      for (const file of ${JSON.stringify(files)}) await import(file);
      console.log(JSON.stringify({ touched, left: Object.getOwnPropertyNames(globalThis).length - before }));
    `);
    expect({ stdout, stderr, status }).toEqual({ stdout: '{"touched":[],"left":0}\n', stderr: "", status: 0 });
  });

  test("without document, storage and WebSocket it connects over HTTP, speaks, and ends with its client", () => {
    const { stdout, stderr, status } = run(`
      for (const name of ["WebSocket", "navigator", "sessionStorage"]) delete globalThis[name];
      const { PresenceClient } = await import(${JSON.stringify(fileOf("src/index.ts"))});
      const asked = [];
      globalThis.fetch = async (url, { body }) => {
        asked.push(url);
        const done = { change: "joined", member: "m", version: 1, heartbeatMs: 10000, throttleMs: 50 };
        return Response.json(url.includes("/schemas/") ? {} : done);
      };
      const schema = { judge: () => [] };
      const type = { name: "T", pattern: "t", fingerprint: "f", fields: {}, schema, throttleMs: 50, decays: {}, defaults: {} };
      const client = new PresenceClient({ url: "http://127.0.0.1:9/presence" });
      const { change } = await client.topic(type).heartbeat({ x: 1 });
      client.close();
      console.log(change, client.status.transport, asked.length);
    `);
    expect({ stdout, stderr, status }).toEqual({ stdout: "joined sse 3\n", stderr: "", status: 0 });
  });
});
