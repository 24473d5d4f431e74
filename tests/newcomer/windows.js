/** Two windows of a browser, in which people see each other's pointers. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** How long anything may take that is waited for. */
const PATIENCE_MS = 20_000;
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** The colours that the page knows, as a browser tells them. */
const COLOURS = ["rgb(192, 57, 43)", "rgb(36, 113, 163)", "rgb(30, 132, 73)", "rgb(125, 60, 152)"];

/** Starts Debian's Chromium, or the one that `CHROMIUM` names. */
export function launch() {
  const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const executablePath = process.env["CHROMIUM"] ?? usual.find((path) => existsSync(path));
  if (!executablePath) throw new Error("no Chromium to test with: `apt-get install chromium`, or name one in CHROMIUM");
  return chromium.launch({ executablePath, args: FLAGS });
}

/** One of them. */
export class Window {
  /** What went wrong in it. @type {Error[]} */
  errors = [];

  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => this.errors.push(error));
  }

  /** @param {import("playwright-core").BrowserContext} context @param {string} url */
  static async open(context, url) {
    const window = new Window(await context.newPage());
    await window.page.goto(url);
    return window;
  }

  /** Waits until it says how fresh it is, and how many are here. @param {string} text */
  async says(text) {
    await this.page.locator('[role="status"]', { hasText: text }).waitFor();
  }

  /** @param {number} x @param {number} y */
  async point(x, y) {
    await this.page.mouse.move(x, y);
  }

  /** @param {string} name */
  async call(name) {
    await this.page.locator("input").fill(name);
  }

  /** Waits until somebody else's pointer is there, in a colour. @param {string} name @param {number} x @param {number} y */
  async sees(name, x, y) {
    await this.page.locator(`main > b[style*="translate: ${x}px ${y}px"]`, { hasText: name }).waitFor();
    const colour = await this.page.locator("main > b").evaluate((it) => getComputedStyle(it).color);
    assert(COLOURS.includes(colour), `${name} is painted ${colour}`);
  }

  /** Whether nothing went wrong. */
  fine() {
    assert.deepEqual(this.errors, []);
  }
}
