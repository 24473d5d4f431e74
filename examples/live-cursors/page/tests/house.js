/** Where tests of the page happen: a browser for all of them, and for each a server and its visitors. */

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach } from "node:test";
import { Server } from "./server.js";
import { launch, Visitor } from "./visitor.js";

/** What the tests of a file share. */
export class House {
  browser = /** @type {import("playwright-core").Browser} */ (/** @type {unknown} */ (undefined));
  server = new Server();
  /** @type {Visitor[]} */
  #visitors = [];

  /** @param {string[]} [args] what the server is told */
  constructor(args = []) {
    before(async () => {
      this.browser = await launch();
    });
    after(() => this.browser?.close());
    beforeEach(async () => {
      this.server = await new Server(args).start();
    });
    afterEach(async () => {
      const visitors = this.#visitors;
      this.#visitors = [];
      await Promise.all(visitors.map((it) => it.page.context().close()));
      await this.server.kill();
      assert.deepEqual(visitors.flatMap((it) => it.errors), [], "no page has had an error");
    });
  }

  /**
   * Somebody comes to the board.
   *
   * @param {string} name
   * @param {import("playwright-core").BrowserContextOptions} [options]
   */
  async open(name, options) {
    const visitor = await Visitor.open(this.browser, `${this.server.url}/?board=test`, name, options);
    this.#visitors.push(visitor);
    return visitor;
  }

  /**
   * Several come, at once.
   *
   * @template {[string, ...string[]]} Names
   * @param {Names} names
   * @returns {Promise<{ [At in keyof Names]: Visitor }>}
   */
  async all(...names) {
    return /** @type {{ [At in keyof Names]: Visitor }} */ (await Promise.all(names.map((name) => this.open(name))));
  }
}
