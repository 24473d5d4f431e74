/**
 * A window with tabs of which one is in front and the others are hidden, as people have it. Playwright holds
 * every page it knows for looked at, so these are opened past it.
 */

import type { Browser, CDPSession } from "playwright-core";
import { Tab } from "./house.js";

/** A window, with an empty tab in front. */
export class Window {
  readonly #browser: CDPSession;
  readonly #context: string;
  readonly #blank: string;

  private constructor(browser: CDPSession, context: string, blank: string) {
    this.#browser = browser;
    this.#context = context;
    this.#blank = blank;
  }

  static async open(browser: Browser): Promise<Window> {
    const session = await browser.newBrowserCDPSession();
    const { browserContextId } = await session.send("Target.createBrowserContext");
    const { targetId } = await session.send("Target.createTarget", { url: "about:blank", browserContextId });
    return new Window(session, browserContextId, targetId);
  }

  /** Opens a tab, in front of all others. */
  async tab(url: string): Promise<HiddenTab> {
    const { targetId } = await this.#browser.send("Target.createTarget", { url, browserContextId: this.#context });
    const { sessionId } = await this.#browser.send("Target.attachToTarget", { targetId, flatten: false });
    return new HiddenTab(this.#browser, targetId, sessionId);
  }

  /** The empty tab comes to the front, so that all others are hidden. */
  async turnAway(): Promise<void> {
    await this.#browser.send("Target.activateTarget", { targetId: this.#blank });
  }
}

interface Reply {
  readonly id?: number;
  readonly result?: { readonly result?: { readonly value?: unknown }; readonly exceptionDetails?: { readonly text: string } };
  readonly error?: { readonly message: string };
}

/** A tab of a window. */
export class HiddenTab extends Tab {
  readonly #browser: CDPSession;
  readonly #target: string;
  readonly #session: string;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #last = 0;

  constructor(browser: CDPSession, target: string, session: string) {
    super();
    this.#browser = browser;
    this.#target = target;
    this.#session = session;
    browser.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => {
      if (sessionId !== session) return;
      const reply = JSON.parse(message) as Reply;
      if (reply.id !== undefined) this.#waiting.get(reply.id)?.(reply);
    });
  }

  async evaluate(expression: string): Promise<unknown> {
    const { result, error } = await this.#send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    const wrong = error?.message ?? result?.exceptionDetails?.text;
    if (wrong !== undefined) throw new Error(wrong);
    return result?.result?.value;
  }

  /** Brings it to the front. */
  async show(): Promise<void> {
    await this.#browser.send("Target.activateTarget", { targetId: this.#target });
  }

  /** Stops the page, as browsers do to save power. */
  async freeze(): Promise<void> {
    await this.#send("Page.setWebLifecycleState", { state: "frozen" });
  }

  async resume(): Promise<void> {
    await this.#send("Page.setWebLifecycleState", { state: "active" });
  }

  #send(method: string, params: object): Promise<Reply> {
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (reply) => {
        this.#waiting.delete(id);
        resolve(reply);
      });
      this.#browser.send("Target.sendMessageToTarget", { sessionId: this.#session, message: JSON.stringify({ id, method, params }) }).catch(reject);
    });
  }
}
