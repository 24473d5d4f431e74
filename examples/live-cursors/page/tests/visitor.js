/** People who visit the page, each with a browser window of their own. */

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** How long anything may take that is waited for. */
const PATIENCE_MS = 20_000;
/** How near two places of a window are the same, in CSS pixels. */
const NEAR = 2.5;

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts Debian's Chromium, or the one that `CHROMIUM` names. */
export function launch() {
  const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const executablePath = process.env["CHROMIUM"] ?? usual.find((path) => existsSync(path));
  if (!executablePath) {
    throw new Error("no Chromium to test with: `apt-get install chromium`, or name one in CHROMIUM");
  }
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Somebody on a board. */
export class Visitor {
  /** What went wrong on the page. @type {Error[]} */
  errors = [];

  /**
   * @param {import("playwright-core").Page} page
   * @param {string} name
   */
  constructor(page, name) {
    this.page = page;
    this.name = name;
    this.board = page.locator(".board");
    this.line = page.locator("form.message input");
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => this.errors.push(error));
  }

  /**
   * Opens the board `name` chose to call themselves by, and waits until it is live.
   *
   * @param {import("playwright-core").Browser} browser
   * @param {string} url
   * @param {string} name
   * @param {import("playwright-core").BrowserContextOptions} [options]
   */
  static async open(browser, url, name, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    await context.addInitScript((name) => localStorage.setItem("live-cursors:name", name), name);
    const visitor = new Visitor(await context.newPage(), name);
    await visitor.page.goto(url);
    await visitor.live();
    return visitor;
  }

  /** Waits until the page says that it is live. */
  async live() {
    await this.page.waitForSelector('.connection[data-tone="live"]');
  }

  /**
   * Moves the mouse to a place on the board.
   *
   * @param {number} x
   * @param {number} y
   */
  async point(x, y) {
    const { x: windowX, y: windowY } = await this.page.evaluate(placeInWindow, { x, y });
    await this.page.mouse.move(windowX, windowY);
  }

  /** Somebody's cursor on this page. @param {string} name */
  cursor(name) {
    return this.page.locator(".cursor:not(.you)", { has: this.page.locator(`.name:text-is("${name}")`) });
  }

  /** Somebody's row in the list. @param {string} name */
  row(name) {
    return this.page.locator(".row:not(.you)", { has: this.page.locator(`.name:text-is("${name}")`) });
  }

  /**
   * Waits until a cursor is at a place on the board.
   *
   * @param {string} selector
   * @param {number} x
   * @param {number} y
   */
  async sees(selector, x, y) {
    const where = JSON.stringify({ x, y });
    await this.page.waitForFunction(
      `(() => {
        const at = document.querySelector(${JSON.stringify(selector)})?.getBoundingClientRect();
        if (!at) return false;
        const should = (${placeInWindow})(${where});
        return Math.hypot(at.x - should.x, at.y - should.y) < ${NEAR};
      })()`,
    );
  }

  /** What of the board is seen: its middle, and how near. */
  async view() {
    return await this.page.evaluate(viewOfBoard);
  }

  /**
   * Waits until this is the middle of what is seen, and all of it fits.
   *
   * @param {{ x: number, y: number, width: number, height: number }} region
   */
  async looksAt({ x, y, width, height }) {
    await this.page.waitForFunction(
      `(() => {
        const seen = (${viewOfBoard})();
        const fits = seen.width > ${width} - 3 && seen.height > ${height} - 3;
        const close = seen.width < ${width} + 3 || seen.height < ${height} + 3;
        return fits && close && Math.hypot(seen.x - ${x}, seen.y - ${y}) < 3;
      })()`,
    );
  }

  /**
   * Waits until somebody else is seen at a place on the board.
   *
   * @param {string} name
   * @param {number} x
   * @param {number} y
   */
  async seesOther(name, x, y) {
    const id = await this.cursor(name).getAttribute("data-member");
    await this.sees(`.cursor[data-member="${id}"]`, x, y);
  }

  /** Waits until the page says this about who is writing. @param {string} sentence */
  async reads(sentence) {
    await this.page.waitForFunction(
      (sentence) => document.querySelector(".typing-line .text")?.textContent === sentence,
      sentence,
    );
  }

  /** Waits for news. @param {string | RegExp} text */
  async hears(text) {
    await this.page.locator(".toast", { hasText: text }).first().waitFor();
  }

  /** From now on, notes whoever and whatever comes and goes on this page. */
  async record() {
    await this.page.evaluate(() => {
      /** @type {string[]} */
      const log = [];
      const observer = new MutationObserver((records) => {
        for (const { type, addedNodes, removedNodes, target } of records) {
          const element = /** @type {HTMLElement} */ (target);
          const where = element.className;
          if (type === "attributes") log.push(`${where} is ${element.dataset["activity"]}`);
          for (const node of addedNodes) log.push(`+ ${where}: ${node.textContent}`);
          for (const node of removedNodes) log.push(`- ${where}: ${node.textContent}`);
        }
      });
      for (const place of document.querySelectorAll(".toasts, .everybody, .cursors, .notes")) {
        observer.observe(place, { childList: true });
        for (const one of place.children) observer.observe(one, { attributeFilter: ["data-activity"] });
      }
      Object.assign(window, { log });
    });
  }

  /** What was noted. @returns {Promise<string[]>} */
  recorded() {
    return this.page.evaluate(() => /** @type {any} */ (window).log);
  }

  /** The tab goes into the background, or comes back, as far as the page can tell. @param {"hidden" | "visible"} state */
  async turn(state) {
    await this.page.evaluate((state) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, value: state });
      Object.defineProperty(document, "hidden", { configurable: true, value: state === "hidden" });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  }

  /** How much ink is on the board, in canvas pixels. */
  ink() {
    return this.page.evaluate(inkOnBoard);
  }

  /** Waits until there is ink, or none. @param {boolean} some */
  async seesInk(some) {
    await this.page.waitForFunction(`(${inkOnBoard})() > 0 === ${some}`);
  }
}

/** Where in the window a place on the board is. @param {{ x: number, y: number }} place */
function placeInWindow({ x, y }) {
  const stage = /** @type {HTMLElement} */ (document.querySelector(".stage"));
  const board = /** @type {HTMLElement} */ (document.querySelector(".board"));
  const [left, top, zoom] = ["--left", "--top", "--zoom"].map((it) => parseFloat(stage.style.getPropertyValue(it)));
  const corner = board.getBoundingClientRect();
  const on = (/** @type {number} */ edge, /** @type {number} */ border, /** @type {number} */ from, /** @type {number} */ at) =>
    edge + border + from + at * (zoom ?? 1);
  return { x: on(corner.x, board.clientLeft, left ?? 0, x), y: on(corner.y, board.clientTop, top ?? 0, y) };
}

/** What of the board is seen. */
function viewOfBoard() {
  const stage = /** @type {HTMLElement} */ (document.querySelector(".stage"));
  const board = /** @type {HTMLElement} */ (document.querySelector(".board"));
  const [left = 0, top = 0, zoom = 1] = ["--left", "--top", "--zoom"].map((it) => parseFloat(stage.style.getPropertyValue(it)));
  const [width, height] = [board.clientWidth / zoom, board.clientHeight / zoom];
  return { x: width / 2 - left / zoom, y: height / 2 - top / zoom, width, height, zoom };
}

function inkOnBoard() {
  const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector(".ink"));
  const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  let count = 0;
  for (let i = 3; i < pixels.length; i += 4) if (pixels[i] !== 0) count += 1;
  return count;
}

/**
 * Does something again and again until something else has come true.
 *
 * @param {Promise<void>} until
 * @param {(n: number) => Promise<void>} act
 */
export async function goOn(until, act) {
  let over = false;
  const end = () => void (over = true);
  until.then(end, end);
  for (let n = 0; !over; n += 1) await act(n);
  await until;
}
