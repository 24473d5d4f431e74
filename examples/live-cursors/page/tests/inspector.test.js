/** The inspector as whoever runs a server at night uses it. */

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Server } from "./server.js";
import { launch } from "./visitor.js";

const TOPIC = "boards:42:cursors";

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Server} */
let server;
/** What went wrong on the pages of a test. @type {string[]} */
let errors = [];
/** @type {import("playwright-core").BrowserContext[]} */
let contexts = [];

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

beforeEach(async () => {
  server = await new Server(["--inspector"]).start();
});
afterEach(async () => {
  await Promise.all(contexts.map((it) => it.close()));
  await server.kill();
  const found = errors;
  [errors, contexts] = [[], []];
  assert.deepEqual(found, [], "no page has had an error");
});

/** @param {string} [topic] @param {import("playwright-core").BrowserContextOptions} [options] */
async function open(topic = "", options = {}) {
  const context = await browser.newContext(options);
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    // What the network says of a server that is gone or refuses is shown on the page.
    if (message.type() === "error" && !message.text().startsWith("Failed to load")) errors.push(message.text());
  });
  await page.goto(`${server.url}/presence/inspector#${encodeURIComponent(topic)}`);
  return page;
}

/** @param {number} who @param {string} what @param {object} body @param {string} [topic] */
async function say(who, what, body, topic = TOPIC) {
  const headers = { "Content-Type": "application/json", "Presence-Session": String(who).padStart(32, "0") };
  const answer = await fetch(`${server.url}/presence/${topic}/${what}`, { method: "POST", headers, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.text());
}

/** @param {number} who @param {string} label @param {object} [rest] */
const announce = (who, label, rest) => say(who, "heartbeat", { value: { x: 1, y: 2, label }, ...rest });

/** @param {import("playwright-core").Page} page @param {string} where @param {string} text */
const reads = (page, where, text) => page.locator(where, { hasText: text }).first().waitFor();

test("the page is its own files alone, and nobody keeps or frames it", async () => {
  const answer = await fetch(`${server.url}/presence/inspector`);
  const policy = answer.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.doesNotMatch(await answer.text(), /https?:\/\/(?!www\.w3\.org)/);
  const closed = await new Server().start();
  try {
    assert.equal((await fetch(`${closed.url}/presence/inspector`)).status, 404, "unless it is asked for");
    assert.equal((await fetch(`${closed.url}/presence/inspector/totals`)).status, 404);
  } finally {
    await closed.kill();
  }
});

test("it says that nobody is there, then who came, and why they vanished", async () => {
  const page = await open();
  await reads(page, "#list-note", "Nobody is anywhere");
  await announce(1, "Ann", { activity: "idle" });
  const row = page.getByRole("link", { name: TOPIC });
  await row.waitFor();
  await reads(page, "#topics-total", "1");
  assert.equal(await page.locator("#topics-word").textContent(), "topic");
  await row.click();
  await reads(page, ".member", "over HTTP");
  await reads(page, ".member pre", '"label": "Ann"');
  await reads(page, ".member .activity", "idle");
  await announce(1, "Ann again");
  await reads(page, ".member pre", "Ann again");
  await say(1, "leave", {});
  await reads(page, "#history .left", "it said leave");
  await reads(page, "#members-note", "Nobody is here");
  // It is out of the list, and its past is found by name all the same.
  await page.goto(`${server.url}/presence/inspector`);
  await page.keyboard.press("/");
  await page.keyboard.type(TOPIC);
  await page.getByRole("link", { name: TOPIC }).click();
  await reads(page, "#history .left", "it said leave");
});

test("one user's past is told alone", async () => {
  await announce(1, "Ann");
  await announce(2, "Bo");
  const page = await open(TOPIC);
  await page.locator(".member").nth(1).waitFor();
  assert.equal(await page.locator("#history .joined").count(), 2);
  const who = page.locator(".member .who button").first();
  const user = await who.textContent();
  await who.click();
  await page.waitForFunction(() => document.querySelectorAll("#history li").length === 1);
  await reads(page, "#history .user", user ?? "");
  await page.locator("#why-user").fill("somebody");
  await reads(page, "#history-note", "Nothing is remembered of this user");
});

test("what people say of themselves is text, whatever it is", async () => {
  const label = "<img src=x onerror=alert(1)>";
  const turned = "\u202eevil\u2066\u200b";
  await announce(1, label);
  await announce(2, turned);
  const page = await open(TOPIC);
  await reads(page, ".member pre", label);
  await reads(page, ".member pre", "\\u202eevil\\u2066\\u200b");
  assert.equal(await page.locator("main img").count(), 0);
});

test("who shows no token is asked for one, which goes into the header alone", async () => {
  const page = await open();
  await reads(page, "#list-note", "Nobody is anywhere");
  /** @type {(string | undefined)[]} */
  const shown = [];
  await page.route("**/presence/topics", (route) => {
    const token = route.request().headers()["authorization"];
    shown.push(token);
    if (token === "Bearer s3cret") return route.continue();
    const error = { code: "unauthenticated", message: "nobody knows who this is" };
    return route.fulfill({ status: 401, json: { error } });
  });
  await reads(page, "#state", "asks who you are");
  await page.locator("#token").fill("s3cret");
  await page.keyboard.press("Enter");
  await page.locator("#state").waitFor({ state: "hidden" });
  assert.equal(shown.at(-1), "Bearer s3cret");
  assert.doesNotMatch(page.url(), /s3cret/);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
});

test("a server that went is said to be gone, and is there again by itself", async () => {
  await announce(1, "Ann");
  const page = await open(TOPIC);
  await reads(page, ".member pre", "Ann");
  await server.kill();
  await reads(page, "#state", "does not answer");
  await server.start();
  await announce(1, "Ann is back");
  await page.locator("#state").waitFor({ state: "hidden" });
  await reads(page, ".member pre", "Ann is back");
});

test("ten thousand topics are a list that can be searched, on a phone too", async () => {
  const page = await open("", { viewport: { width: 390, height: 844 } });
  await reads(page, "#list-note", "Nobody is anywhere");
  await page.route("**/presence/topics*", (route) => {
    const after = Number(new URL(route.request().url()).searchParams.get("after")?.split(":")[1] ?? -1);
    const topics = Array.from({ length: 1000 }, (_, i) => ({
      topic: `boards:${String(after + 1 + i).padStart(5, "0")}:cursors`,
      counts: { members: 2, users: 2 },
      at: `${"a".repeat(16)}.7`,
    }));
    const next = topics.at(-1)?.topic;
    return route.fulfill({ json: after + 1001 < 10_000 ? { topics, next } : { topics } });
  });
  await reads(page, "#topics-total", "10,000");
  assert.ok((await page.locator("#topics li").count()) <= 150);
  await reads(page, "#more", "of 9,850");
  await page.locator("#filter").fill("07777");
  await page.getByRole("link", { name: "boards:07777:cursors" }).waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.ok(!wide, "nothing is wider than the phone");
});
