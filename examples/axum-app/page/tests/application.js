/** The real application, which tests start and stop, and people who visit it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const REPOSITORY = fileURLToPath(new URL("../../../../", import.meta.url));
const PATIENCE_MS = 20_000;
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"];

/** Starts Debian's Chromium, or the one that `CHROMIUM` names. */
export function launch() {
  const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const executablePath = process.env["CHROMIUM"] ?? usual.find((path) => existsSync(path));
  if (!executablePath) throw new Error("no Chromium to test with: `apt-get install chromium`, or name one in CHROMIUM");
  return chromium.launch({ executablePath, args: FLAGS });
}

/** The built application: `PRESENCE_APP`, or the newest that cargo has built. */
function program() {
  const target = process.env["CARGO_TARGET_DIR"] ?? `${REPOSITORY}target`;
  const built = ["debug", "release"].map((profile) => `${target}/${profile}/axum-app`);
  const age = (/** @type {string} */ path) => statSync(path).mtimeMs;
  const newest = built.filter((path) => existsSync(path)).sort((a, b) => age(b) - age(a))[0];
  const found = process.env["PRESENCE_APP"] ?? newest;
  if (!found) throw new Error("no application to test with: run `cargo build -p axum-app`");
  return found;
}

export class Application {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #process;
  url = "";

  /** @param {number} tokenSecs for how long a token holds */
  async start(tokenSecs = 60) {
    const options = ["--addr", "127.0.0.1:0", "--token-secs", String(tokenSecs)];
    const child = spawn(program(), options, { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    const said = [];
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line);
      const url = /listens on (http:\S+)/.exec(line)?.[1];
      if (!url) continue;
      this.url = url;
      child.stderr.resume();
      return this;
    }
    throw new Error(`the application did not start:\n${said.join("\n")}`);
  }

  async stop() {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}

/** A tab of somebody. */
export class Tab {
  /** What went wrong on the page. @type {Error[]} */
  errors = [];

  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => this.errors.push(error));
  }

  /**
   * Logs somebody in with a browser of their own.
   *
   * @param {import("playwright-core").Browser} browser
   * @param {string} url
   * @param {string} name
   */
  static async enter(browser, url, name) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const tab = new Tab(await context.newPage());
    await tab.page.goto(url);
    await tab.page.locator(".choice", { hasText: name }).click();
    await tab.live();
    return tab;
  }

  /** Opens another tab of the same browser. @param {string} url */
  async another(url) {
    const tab = new Tab(await this.page.context().newPage());
    await tab.page.goto(url);
    await tab.live();
    return tab;
  }

  async live() {
    await this.page.waitForSelector('.connection[data-state="live"]');
  }

  /** Somebody's row in the list of people. @param {string} user */
  row(user) {
    return this.page.locator(`.roster li[data-user="${user}"]`);
  }

  /** Waits until somebody's row says this. @param {string} user @param {string | RegExp} text */
  async sees(user, text) {
    await this.row(user).filter({ hasText: text }).waitFor();
  }

  /** Waits until the server has said this. @param {string | RegExp} text */
  async hears(text) {
    await this.page.locator(".notices li", { hasText: text }).first().waitFor();
  }

  /** What the server said, oldest first. */
  async heard() {
    return (await this.page.locator(".notices li .words").allTextContents()).reverse();
  }

  /** Waits until the board is hidden behind this title. @param {string} title */
  async veiled(title) {
    await this.page.locator(".veil:not([hidden]) h2", { hasText: title }).waitFor();
  }

  /** Moves the pointer over the board. */
  async move() {
    const { x, y } = (await this.page.locator(".board").boundingBox()) ?? { x: 0, y: 0 };
    await this.page.mouse.move(x + 90 + 90 * Math.random(), y + 90 + 90 * Math.random());
  }
}
