/** The real server with the page of these tests, and browsers that visit it. */

import { mkdtemp, cp, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer } from "../server.js";
import type { Server } from "../server.js";
import type { Room, RoomState } from "./page/room.js";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** How long anything may take that is waited for. */
export const PATIENCE_MS = 25_000;

/** What Playwright switches off and people have: the cache of the back button, and slow timers of hidden pages. */
const AS_PEOPLE_HAVE = [
  "--disable-back-forward-cache",
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

/** Starts Debian's Chromium, or the one that `CHROMIUM` names. */
export function launch(args: readonly string[] = []): Promise<Browser> {
  const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const executablePath = process.env["CHROMIUM"] ?? usual.find((path) => existsSync(path));
  if (!executablePath) throw new Error("no Chromium to test with: `apt-get install chromium`, or name one in CHROMIUM");
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"];
  return chromium.launch({ executablePath, ignoreDefaultArgs: AS_PEOPLE_HAVE, args: [...flags, ...args] });
}

/** A server with the page, on a port of its own. */
export class House {
  readonly #folder: string;
  #server: Server | undefined;
  port = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Builds the page, which has the built client below `/presence-client`, and starts the server. */
  static async open(): Promise<House> {
    const folder = await mkdtemp(join(tmpdir(), "presence-room-"));
    const client = { name: "client", setup: outside };
    await build({ entryPoints: ["room", "away"].map((it) => at(`page/${it}.ts`)), outdir: folder, bundle: true, format: "esm", target: "es2022", plugins: [client] });
    for (const file of ["index.html", "away.html"]) await cp(at(`page/${file}`), join(folder, file));
    const house = new House(folder);
    await house.start();
    return house;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the server, where it was before. */
  async start(): Promise<void> {
    const options = ["--pages", this.#folder, "--client", at("../../dist"), "--log", "warn"];
    this.#server = await startServer(`127.0.0.1:${this.port}`, options);
    this.port = Number(new URL(this.#server.url).port);
  }

  /** Ends the server without giving it time to say goodbye. */
  async kill(): Promise<void> {
    await this.#server?.kill();
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true });
  }
}

/** The client is no part of the page's program: it is what was built for everybody. */
function outside({ onResolve }: { onResolve: (which: { filter: RegExp }, how: (it: { path: string }) => { path: string; external: true }) => void }): void {
  onResolve({ filter: /\/src\/.*index\.js$/ }, ({ path }) => ({ path: path.replace(/^.*\/src\//, "/presence-client/"), external: true }));
}

/** What to visit: a board, as whom, and by which transport. */
export interface Visit {
  readonly board?: string;
  /** Looks on only, where absent. */
  readonly label?: string;
  readonly transport?: "websocket" | "sse" | "auto" | undefined;
}

export function addressOf(url: string, visit: Visit): string {
  const said = Object.entries(visit).filter((it): it is [string, string] => it[1] !== undefined);
  return `${url}/?${new URLSearchParams(said)}`;
}

/** A tab, however it is driven. */
export abstract class Tab {
  /** The value of an expression on the page, as JSON has it. */
  abstract evaluate(expression: string): Promise<unknown>;

  /** Runs a function on the page, that knows of nothing here. */
  async run<Result, Args extends readonly unknown[]>(what: (room: Room, ...args: Args) => Result, ...args: Args): Promise<Awaited<Result>> {
    const list = ["room", ...args.map((it) => JSON.stringify(it))].join();
    return (await this.evaluate(`(${what})(${list})`)) as Awaited<Result>;
  }

  /** What the page knows and was told. */
  async state(): Promise<RoomState> {
    return await this.run((room) => room.state());
  }

  /** Waits until it is so; fails with what is instead. */
  async until(what: string, so: (state: RoomState) => boolean, patienceMs = PATIENCE_MS): Promise<RoomState> {
    const end = Date.now() + patienceMs;
    for (;;) {
      // A page that is being loaded has nothing yet.
      const state = await this.state().catch((error: unknown) => error);
      if (!(state instanceof Error) && so(state as RoomState)) return state as RoomState;
      if (Date.now() > end) expect.fail(`not in time: ${what}; but ${state instanceof Error ? String(state) : JSON.stringify(state)}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Waits until it is live and sees these others, by their labels. */
  sees(...labels: readonly string[]): Promise<RoomState> {
    const wanted = [...labels].sort().join();
    return this.until(`live, and sees ${wanted || "nobody"}`, (it) => it.view === "live" && it.status === "live" && labelsOf(it) === wanted);
  }

  /** Waits until somebody is seen at this place. */
  seesAt(label: string, x: number): Promise<RoomState> {
    return this.until(`sees ${label} at ${x}`, ({ others }) => others.some((it) => it.label === label && it.x === x));
  }

  say(x: number): Promise<void> {
    return this.run((room, x) => room.say(x), x);
  }

  forget(): Promise<void> {
    return this.run((room) => room.forget());
  }
}

export function labelsOf({ others }: RoomState): string {
  return others
    .map((it) => it.label)
    .sort()
    .join();
}

/** A tab that Playwright drives, which holds every page for looked at. */
export class Visitor extends Tab {
  readonly page: Page;
  readonly context: BrowserContext;

  constructor(page: Page) {
    super();
    this.page = page;
    this.context = page.context();
    page.setDefaultTimeout(PATIENCE_MS);
  }

  evaluate(expression: string): Promise<unknown> {
    return this.page.evaluate(expression);
  }
}

/** Visitors of a board of their own, whose pages have no errors. */
export class Party {
  board: string;
  url: string;
  readonly #browser: Browser;
  readonly #visitors: Visitor[] = [];

  constructor(browser: Browser, url: string) {
    this.#browser = browser;
    this.url = url;
    this.board = `board-${crypto.randomUUID()}`;
  }

  /** A page that is nowhere yet. */
  async blank(): Promise<Visitor> {
    const visitor = new Visitor(await (await this.#browser.newContext()).newPage());
    this.#visitors.push(visitor);
    return visitor;
  }

  async open(visit: Visit, url = this.url): Promise<Visitor> {
    const visitor = await this.blank();
    await visitor.page.goto(addressOf(url, { board: this.board, ...visit }));
    return visitor;
  }

  /** Ann and Bo, who see each other and have noted nothing yet; Ann comes on a way of her own, where there is one. */
  async two(transport: Visit["transport"] = "auto", way = this.url): Promise<[ann: Visitor, bo: Visitor]> {
    const [ann, bo] = await Promise.all([this.open({ label: "Ann", transport }, way), this.open({ label: "Bo", transport })]);
    await Promise.all([ann.sees("Bo"), bo.sees("Ann")]);
    await Promise.all([ann.forget(), bo.forget()]);
    return [ann, bo];
  }

  async end(): Promise<void> {
    const open = this.#visitors.filter((it) => !it.page.isClosed());
    const errors = await Promise.all(open.map(async (it) => (await it.state()).errors));
    await Promise.all(this.#visitors.map((it) => it.context.close()));
    expect(errors.flat()).toEqual([]);
  }
}

/** Tests of a file, which share a browser and a server and have a party each. */
export function visiting() {
  let browser: Browser;
  let house: House;
  beforeAll(async () => {
    [browser, house] = await Promise.all([launch(), House.open()]);
  });
  afterAll(async () => {
    await browser?.close();
    await house?.close();
  });
  return test.extend<{ readonly party: Party }>({
    party: async ({}, use) => {
      const party = new Party(browser, house.url);
      await use(party);
      await party.end();
    },
  });
}
