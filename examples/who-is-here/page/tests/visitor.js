/** People who read documents, each in a browser of their own, with as many tabs as they like. */

/** How long anything may take that is waited for. */
const PATIENCE_MS = 20_000;

/** A tab of somebody. */
export class Visitor {
  /** What went wrong on the page. @type {Error[]} */
  errors = [];
  /** WebSockets that the page has opened. @type {string[]} */
  sockets = [];
  /** What it has asked of the presence routes. @type {string[]} */
  asked = [];

  /** @param {import("playwright-core").Page} page @param {string} name */
  constructor(page, name) {
    this.page = page;
    this.name = name;
    this.line = page.getByLabel("Say something to whoever is here");
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => this.errors.push(error));
    page.on("websocket", (socket) => this.sockets.push(socket.url()));
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith("/presence/")) this.asked.push(`${request.method()} ${pathname}`);
    });
  }

  /**
   * Opens a document in a browser of its own, and waits until it is live.
   *
   * @param {import("playwright-core").Browser} browser
   * @param {string} url
   * @param {string} name
   * @param {import("playwright-core").BrowserContextOptions & { clock?: boolean }} [options] with `clock`, time can be moved
   */
  static async open(browser, url, name, { clock, ...options } = {}) {
    // What moves only because it looks nice makes slow machines slower.
    const usual = /** @type {const} */ ({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
    const context = await browser.newContext({ ...usual, ...options });
    await context.addInitScript((name) => {
      const guest = { id: name.toLowerCase().replaceAll(" ", "-"), name, availability: "available", message: "", shown: true };
      if (!localStorage.getItem("who-is-here")) localStorage.setItem("who-is-here", JSON.stringify(guest));
    }, name);
    if (clock) await context.clock.install();
    return new Visitor(await context.newPage(), name).#goto(url);
  }

  /** Another tab of the same browser. @param {string} url */
  async another(url) {
    return new Visitor(await this.page.context().newPage(), this.name).#goto(url);
  }

  /** @param {string} url */
  async #goto(url) {
    await this.page.goto(url);
    await this.live();
    return this;
  }

  /** Waits until the page says that it is live, and oneself is there or chose not to be. */
  async live() {
    await this.page.waitForSelector('.connection[data-tone="live"]');
  }

  /** Somebody's row in the list. @param {string} name */
  row(name) {
    return this.page.locator(".people .row", { has: this.page.locator(`.name:text-is("${name}")`) });
  }

  /** Waits until somebody's row says this. @param {string} name @param {string | RegExp} text */
  async sees(name, text = "") {
    await this.row(name).filter({ hasText: text }).waitFor();
  }

  /** Waits until somebody is gone. @param {string} name */
  async misses(name) {
    await this.row(name).waitFor({ state: "detached" });
  }

  /** Waits until the page says this about who is typing. @param {string} sentence */
  async reads(sentence) {
    await this.page.waitForFunction(
      (sentence) => (document.querySelector(".typing .sentence")?.textContent ?? "") === sentence,
      sentence,
    );
  }

  /** Waits for news. @param {string | RegExp} text */
  async hears(text) {
    await this.page.locator(".news li", { hasText: text }).first().waitFor();
  }

  /** Waits until so many read a document. @param {string} title @param {number} count */
  async counts(title, count) {
    await this.page.locator(".document", { hasText: title }).locator(".count", { hasText: new RegExp(`^${count} `) }).waitFor();
  }

  /** Goes to another document. @param {string} title */
  async read(title) {
    await this.page.locator(".document", { hasText: title }).click();
    await this.page.locator("h1", { hasText: title }).waitFor();
  }

  /** From now on, notes who comes and goes on this page, and what it says of them. */
  async record() {
    await this.page.evaluate(() => {
      /** @type {string[]} */
      const log = [];
      const note = (/** @type {MutationRecord[]} */ records) => {
        for (const { target, addedNodes, removedNodes } of records) {
          const where = target instanceof Element ? target.closest("section, .news")?.className : target.textContent;
          for (const node of addedNodes) if (node.textContent) log.push(`+ ${where}: ${node.textContent}`);
          for (const node of removedNodes) if (node.textContent) log.push(`- ${where}: ${node.textContent}`);
          if (target instanceof Text) log.push(`= ${where}`);
        }
      };
      const observer = new MutationObserver(note);
      for (const place of document.querySelectorAll(".news ul, .people ul, .remarks ul")) {
        observer.observe(place, { childList: true, subtree: true, characterData: true });
      }
      Object.assign(window, { log });
    });
  }

  /** What was noted. @returns {Promise<string[]>} */
  recorded() {
    return this.page.evaluate(() => /** @type {any} */ (window).log);
  }

  /** The news that were noted. */
  async heard() {
    return (await this.recorded()).filter((it) => it.startsWith("+ news"));
  }

  /** Makes the tab one that is not looked at, or is again. @param {boolean} hidden */
  async hide(hidden) {
    await this.page.evaluate((hidden) => {
      const state = { get: () => (hidden ? "hidden" : "visible"), configurable: true };
      Object.defineProperty(document, "visibilityState", state);
      Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  }
}
