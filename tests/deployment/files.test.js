/** The files of docs/deployment that no proxy reads. */

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));
const document = (/** @type {string} */ name) => readFileSync(join(REPOSITORY, "docs/deployment", name), "utf8");

test("systemd finds nothing wrong with the unit", (context) => {
  if (spawnSync("systemd-analyze", ["--version"]).error) return context.skip("systemd-analyze is not installed");
  const folder = mkdtempSync(join(tmpdir(), "presence-unit-"));
  const unit = join(folder, "presence.service");
  writeFileSync(unit, document("presence.service").replace("/usr/local/bin/presence-app", process.execPath));
  const { stderr, status } = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  const ours = stderr.split("\n").filter((line) => line.includes("presence.service"));
  assert.deepEqual(ours, []);
  assert.equal(status, 0, stderr);
});

test("systemd waits longer for the end than the program takes", () => {
  const wait = Number(/^TimeoutStopSec=(\d+)s$/m.exec(document("presence.service"))?.[1]);
  const drain = /^\| `drain` \|.*?\| (\d+) s \|/m.exec(readFileSync(join(REPOSITORY, "ARCHITECTURE.md"), "utf8"))?.[1];
  assert.ok(wait > 2 * Number(drain), `${wait} s for a drain of ${drain} s`);
});

test("the container is made of files that are there, and its program gets the signals", () => {
  const container = document("Containerfile");
  const sources = [...container.matchAll(/^COPY (?!--from)(\S+) \S+$/gm)].map((it) => it[1] ?? "");
  assert.ok(sources.length > 2);
  for (const source of sources) assert.ok(existsSync(join(REPOSITORY, source)), source);
  const program = /cargo build --release --locked -p (\S+)/.exec(container)?.[1];
  const packages = execFileSync("cargo", ["metadata", "--format-version=1", "--no-deps", "--locked"], { cwd: REPOSITORY });
  const names = JSON.parse(String(packages)).packages.map((/** @type {{ name: string }} */ it) => it.name);
  assert.ok(names.includes(program), program);
  assert.match(container, new RegExp(`target/release/${program} /usr/local/bin/presence-app`));
  // In brackets there is no shell that would keep the signal.
  assert.match(container, /^ENTRYPOINT \["\/usr\/local\/bin\/presence-app"/m);
  assert.match(container, /^USER 65534/m);
});
