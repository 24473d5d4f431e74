// @vitest-environment happy-dom
/** What the README shows of the client: each snippet compiles, runs before a server in memory, and logs what is said there. */

import { readFileSync } from "node:fs";
import { compile } from "svelte/compiler";
import { render } from "svelte/server";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { cursor } from "../../generated/index.js";
import type { ClientOptions, PresenceClient } from "../src/index.js";
import { TestServer } from "../src/testing/index.js";
import { snippets } from "./snippets.js";

const world = vi.hoisted(() => ({ client: (_: ClientOptions): PresenceClient => expect.unreachable() }));
vi.mock("presence-client", async (original) => ({
  ...(await original<typeof import("../src/index.js")>()),
  PresenceClient: function (options: ClientOptions) {
    return world.client(options);
  },
}));

const PRELUDE = `
  import { PresenceClient, PresenceError } from "presence-client";
  import { cursor } from "../generated/index.js";
  const client = new PresenceClient({ url: "/presence" });
  const board = client.topic(cursor, { board: "42" });
`;
const isWhole = (code: string) => /^import .* from "(presence-client|vue|node:test)";$/m.test(code);
const shown = snippets("ts", "ts", (code) => (isWhole(code) ? code : PRELUDE + code));
const painted = snippets("svelte", "ts", (code) => compile(code, { generate: "server", filename: "Snippet.svelte" }).js.code);
afterAll(() => [shown, painted].forEach((it) => it.remove()));
afterEach(() => vi.unstubAllGlobals());

/** The first snippet that says this. */
function snippet(part: string): { file: string; code: string } {
  const found = shown.files.map((file) => ({ file, code: readFileSync(file, "utf8") })).find(({ code }) => code.includes(part));
  return found ?? expect.unreachable(`the README shows no ${part}`);
}

test("they compile", () => {
  expect(shown.files.length).toBeGreaterThanOrEqual(16);
  expect(shown.check()).toBe("");
}, 60_000);

/** By what is in it, and what it logs while Bo is here, the pointer moves to 9, Escape is pressed, Bo moves to 7, and goes. */
const SNIPPETS: readonly (readonly [part: string, logs: readonly string[]])[] = [
  ["addEventListener(\"pointermove\"", ['live {"tool":"pointer","typing":false,"x":9,"y":9,"label":"Ann"} ["Bo"]']],
  ["const { change }", ["joined", "3", "true"]],
  ["counts, status", ["live: 2 users, me and Bo", "true"]],
  ["board.onJoin(", ["bo is here, and called Bo", "bo went from 5 to 7", "bo is gone: left"]],
  ["board.onCount(", ["1 in 1 tabs", "0 in 0 tabs"]],
  ["({ users }) => {", ["bo is active in 1 tabs", "true"]],
  ["client.users()", ["boards:plan:cursors has 1", "boards:42:cursors has 1", "2"]],
  ["typing(names)", ["Ann, Bo, and 3 others are typing"]],
  ["board.follow(", ["1 of them here", "following bo, followed by 0", "following , followed by 0"]],
  ["board.subscribe(", ["connecting", "true"]],
  ["client.onStatus(", ["live by websocket, 0 attempts failed", "live"]],
  ["known.renew()", []],
  ["error.details", ["invalid_value false"]],
  ["transport: \"sse\"", []],
  ["from \"ws\"", []],
];

test.each(SNIPPETS)("%s", async (part, logs) => {
  const { file, code } = snippet(part);
  const server = new TestServer({ topics: [cursor] });
  const made: ClientOptions[] = [];
  world.client = (options) => {
    made.push(options);
    return server.client({ user: "ann", ...options });
  };
  vi.stubGlobal("fetch", async () => new Response("ann"));
  vi.stubGlobal("scrollTo", () => {});
  const said: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...words) => void said.push(words.map((it) => (typeof it === "string" ? it : JSON.stringify(it))).join(" ")));
  try {
    const bo = server.client({ user: "bo" }).topic(cursor, { board: "42" });
    await bo.heartbeat({ x: 5, y: 6, label: "Bo" });
    await import(/* @vite-ignore */ file);
    await server.settle();
    dispatchEvent(new PointerEvent("pointermove", { clientX: 9, clientY: 9 }));
    dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    await server.settle();
    await bo.update({ x: 7 });
    await server.settle();
    await bo.leave();
    await server.settle();
  } finally {
    server.close();
    await server.settle();
    log.mockRestore();
  }
  expect(said).toEqual(expect.arrayContaining([...logs]));
  expect(said).toEqual(expect.arrayContaining([...code.matchAll(/\/\/ → (.*)$/gm)].map(([, it]) => it)));
  expect(server.reported).toEqual([]);
  expect(made.length).toBeGreaterThan(0);
});

test("a handle is painted by Svelte as a store", async () => {
  const server = new TestServer({ topics: [cursor] });
  const ann = server.client({ user: "ann" });
  world.client = () => ann;
  ann.topic(cursor, { board: "42" }).onChange(() => {});
  await server.client({ user: "bo" }).topic(cursor, { board: "42" }).heartbeat({ x: 5, y: 6, label: "Bo" });
  await server.settle();
  const [file] = painted.files;
  const { default: Snippet } = await import(/* @vite-ignore */ file ?? expect.unreachable());
  const { body } = render(Snippet);
  expect(body.replaceAll(/<!--.*?-->/g, "").trim()).toBe('<p>1 here</p> <b style="translate: 5px 6px;">Bo</b>');
  server.close();
});
