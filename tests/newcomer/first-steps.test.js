/** docs/first-steps.md is followed to the letter: in an empty folder, with nothing but what the page says. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { guide } from "./guide.js";
import { Terminals } from "./terminal.js";
import { Window, launch } from "./windows.js";

/** What the page promises. */
const MINUTES = 10;

const repository = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");
const page = readFileSync(join(repository, "docs/first-steps.md"), "utf8");
const { steps, words, blocks, minutes } = guide(page);

// The same folder every time: where a crate lies is part of what cargo takes for the same crate.
const desk = join(tmpdir(), `presence-newcomer-${createHash("sha256").update(repository).digest("hex").slice(0, 12)}`);
const CARGO_TARGET_DIR = process.env["CARGO_TARGET_DIR"] ?? join(repository, "target");
const quiet = { npm_config_audit: "false", npm_config_fund: "false", npm_config_update_notifier: "false", NO_COLOR: "1" };
const terminals = new Terminals(desk, { ...process.env, ...quiet, CARGO_TARGET_DIR });

after(async () => {
  await terminals.close();
  rmSync(desk, { recursive: true, force: true });
});

test("is ten minutes of a person's time", () => {
  console.info(`${words} words and ${blocks} blocks to copy: ${minutes.toFixed(1)} minutes, and what machines take`);
  assert(minutes <= MINUTES, `${minutes.toFixed(1)} minutes`);
});

test("ends with two people who see each other's pointers", async () => {
  for (const port of ports()) assert(!(await isTaken(port)), `something answers on port ${port}, which the page uses`);
  rmSync(desk, { recursive: true, force: true });
  mkdirSync(desk, { mode: 0o700 });
  symlinkSync(repository, join(desk, "presence"));
  borrow();

  let machines = 0;
  for (const step of steps) {
    const begin = performance.now();
    await take(step).catch((error) => {
      error.message = `docs/first-steps.md:${step.line}: ${error.message}`;
      throw error;
    });
    const took = performance.now() - begin;
    if (step.does === "run") machines += took;
    if (took > 100) console.info(`line ${step.line}: ${step.does === "run" ? step.commands.join("; ") : step.does}: ${(took / 1_000).toFixed(1)} s`);
  }
  console.info(`what machines took: ${(machines / 60_000).toFixed(1)} minutes, with what was compiled before`);
  const did = steps.map((it) => it.does);
  assert(steps.some((it) => it.does === "open" && it.restarts), "a page that is open while its server is restarted");
  for (const it of ["file", "change", "run", "open", "interrupt"]) assert(did.includes(/** @type {any} */ (it)), `nothing to ${it}`);
});

/** @param {import("./guide.js").Step} step */
async function take(step) {
  switch (step.does) {
    case "file": {
      const path = join(terminals.folder, step.path);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, step.text);
      return;
    }
    case "change": {
      const path = join(terminals.folder, step.path);
      let text = readFileSync(path, "utf8");
      for (const { from, to } of step.changes) {
        assert.equal(text.split(`\n${from}\n`).length + Number(text.startsWith(`${from}\n`)), 2, `one line of ${step.path} is: ${from}`);
        text = `\n${text}`.replace(`\n${from}\n`, () => `\n${to}\n`).slice(1);
      }
      writeFileSync(path, text);
      return;
    }
    case "run": {
      // What does not end well is what the page says does not.
      const fails = step.prints.some((it) => it.includes("error"));
      let said = "";
      for (const command of step.commands) {
        const done = await terminals.give(command);
        said += done.said;
        assert.equal(done.code !== 0, fails, `\`${command}\` exits with ${done.code}:\n${done.said}`);
      }
      for (const it of step.prints) assert(said.includes(it), `it does not print \`${it}\` but\n${said}`);
      return;
    }
    case "open":
      return await open(step.url, step.restarts);
    case "interrupt":
      for (const { command, code, said } of await terminals.interrupt()) {
        if (command === "cargo run") assert.equal(code, 0, `the server does not end by Ctrl-C:\n${said}`);
      }
  }
}

/** What the page says to do in two windows. @param {string} url @param {boolean} restarts */
async function open(url, restarts) {
  const browser = await launch();
  try {
    const context = await browser.newContext();
    const [one, other] = [await Window.open(context, url), await Window.open(context, url)];
    await one.says("live, 2 here");
    await other.says("live, 2 here");
    await one.point(310, 220);
    await other.sees("Guest", 310, 220);
    await other.point(150, 160);
    await one.sees("Guest", 150, 160);
    await one.call("Ann");
    await other.sees("Ann", 310, 220);

    if (restarts) {
      const [ended] = await terminals.interrupt("cargo run");
      assert.equal(ended?.code, 0, ended?.said);
      await other.says("stale, 2 here");
      await terminals.give("cargo run");
      await other.says("live, 2 here");
      await one.point(320, 230);
      await other.sees("Ann", 320, 230);
    }

    one.fine();
    await one.page.close({ runBeforeUnload: true });
    await other.says("live, 1 here");
    other.fine();
  } finally {
    await browser.close();
  }
}

/**
 * What saves time and changes nothing of what the reader does: the versions that this repository has locked, and how it compiles them,
 * so that dependencies are compiled once for both.
 */
function borrow() {
  const profiles = readFileSync(join(repository, "Cargo.toml"), "utf8").split(/^(?=\[)/m).filter((it) => it.startsWith("[profile.dev"));
  assert(profiles.length > 0, "this repository says how it compiles dependencies");
  mkdirSync(join(desk, ".cargo"));
  writeFileSync(join(desk, ".cargo/config.toml"), profiles.join(""));
  const first = steps.findIndex((it) => it.does === "file" && it.path === "Cargo.toml");
  assert(first >= 0, "the page begins with a Cargo.toml");
  steps.splice(first, 0, { line: 0, does: "file", path: "Cargo.lock", text: readFileSync(join(repository, "Cargo.lock"), "utf8") });
}

function ports() {
  return new Set(steps.flatMap((it) => (it.does === "open" ? [Number(new URL(it.url).port)] : [])));
}

/** @param {number} port @returns {Promise<boolean>} */
function isTaken(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    const answer = (/** @type {boolean} */ is) => (socket.destroy(), resolve(is));
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
  });
}
