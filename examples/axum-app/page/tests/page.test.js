/** The page as people use it: real windows, the real application. */

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Application, launch, Tab } from "./application.js";

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Application} */
let application;
/** @type {Tab[]} */
let tabs = [];

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

afterEach(async () => {
  const errors = tabs.flatMap((it) => it.errors);
  await Promise.all(tabs.map((it) => it.page.context().close()));
  tabs = [];
  await application.stop();
  assert.deepEqual(errors, [], "no page has had an error");
});

/** @param {number} [tokenSecs] */
async function start(tokenSecs) {
  application = await new Application().start(tokenSecs);
}

/** @param {string} name */
async function enter(name) {
  const tab = await Tab.enter(browser, application.url, name);
  tabs.push(tab);
  return tab;
}

test("tabs of a person are folded, and closing one leaves the other", async () => {
  await start();
  const ann = await enter("Ann Lee");
  const bob = await enter("Bob Ito");
  await ann.sees("bob", "Here");
  const second = await bob.another(application.url);
  await ann.sees("bob", "(2 tabs)");
  await second.page.locator(".line input").fill("hello");
  await ann.sees("bob", "Typing…");
  await second.page.close();
  await ann.row("bob").filter({ hasNotText: "2 tabs" }).waitFor();
  await ann.sees("bob", "Here");
  assert.equal(await ann.page.locator('.cursor[data-user="bob"]').count(), 1);
});

test("a duplicated tab is another session, and a reloaded one is the same", async () => {
  await start();
  const ann = await enter("Ann Lee");
  const bob = await enter("Bob Ito");
  await ann.sees("bob", "Here");
  const key = () => Object.entries(sessionStorage).find(([name]) => name.startsWith("presence:"))?.[1].split(" ")[0];
  const before = await bob.page.evaluate(key);

  // What a window opens gets a copy of the storage, as a duplicated tab does.
  const opened = bob.page.context().waitForEvent("page");
  await bob.page.evaluate(() => void window.open(location.href));
  const duplicate = new Tab(await opened);
  tabs.push(duplicate);
  await duplicate.live();
  await ann.sees("bob", "(2 tabs)");
  assert.notEqual(await duplicate.page.evaluate(key), before);
  assert.equal(await bob.page.evaluate(key), before);

  await ann.page.evaluate(() => document.querySelector(".notices ol")?.replaceChildren());
  await bob.page.reload();
  await bob.live();
  await bob.move();
  await ann.sees("bob", "(2 tabs)");
  assert.equal(await bob.page.evaluate(key), before);
  await duplicate.page.close();
  await ann.hears("Bob Ito left");
  assert.deepEqual(await ann.heard(), ["Bob Ito left"], "nobody saw the reload");
});

test("a token is renewed on the live connection, and nobody else notices", async () => {
  await start(4);
  const ann = await enter("Ann Lee");
  const bob = await enter("Bob Ito");
  await ann.sees("bob", "Here");
  await bob.page.locator(".token .text", { hasText: /^Token 4/ }).waitFor();
  await bob.move();
  assert.equal(await bob.page.locator(".connection").getAttribute("data-state"), "live");
  const heard = await ann.heard();
  assert.equal(heard.filter((it) => it.startsWith("Bob")).length, 1, heard.join("\n"));
});

test("what an owner makes of somebody takes effect at once", { timeout: 60_000 }, async () => {
  await start(4);
  const ann = await enter("Ann Lee");
  const cleo = await enter("Cleo Diaz");
  await cleo.page.locator(".looking").waitFor();
  await cleo.hears("forbidden");
  await cleo.sees("ann", "Here");
  await ann.sees("cleo", "Not here");

  await ann.row("cleo").locator("select").selectOption("editor");
  // Nobody is told that they may do more; the next move of the pointer is allowed.
  while ((await ann.row("cleo").filter({ hasText: "Not here" }).count()) > 0) {
    await cleo.move();
    await cleo.page.waitForTimeout(100);
  }
  await ann.sees("cleo", /Here/);

  await ann.row("cleo").locator("select").selectOption("no role");
  await cleo.veiled("Not for you");
  await ann.sees("cleo", "Not here");
  assert.equal(await cleo.page.locator(".cursor").count(), 0, "what is not for them is not shown any more");

  // With the next token it is asked for again.
  await ann.row("cleo").locator("select").selectOption("viewer");
  await cleo.page.locator(".veil").waitFor({ state: "hidden" });
  await cleo.sees("ann", "Here");
});

test("who is sent away is, and who has no business somewhere sees nothing", async () => {
  await start();
  const ann = await enter("Ann Lee");
  const bob = await enter("Bob Ito");
  await ann.row("bob").locator(".away").click();
  await bob.veiled("You were sent away");
  await ann.hears("Bob Ito was sent away");
  await bob.move();
  await bob.hears("kicked");
  await ann.sees("bob", "Not here");
  for (const board of ["payroll", "nowhere"]) {
    await ann.page.goto(`${application.url}/?board=${board}`);
    await ann.veiled("Not for you");
    await ann.hears("there is no such topic, or it is not for you");
  }
});

test("who logs out is logged out everywhere, at once", async () => {
  await start();
  const ann = await enter("Ann Lee");
  const bob = await enter("Bob Ito");
  const phone = await enter("Bob Ito");
  await ann.sees("bob", "(2 tabs)");
  await bob.page.locator(".out").click();
  await phone.page.locator(".login .why", { hasText: "You were logged out." }).waitFor();
  await bob.page.locator(".choice").first().waitFor();
  await ann.sees("bob", "Not here");
});
