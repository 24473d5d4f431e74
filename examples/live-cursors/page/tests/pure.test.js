/** The parts of the page that need no browser. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { addressOf, boardOf } from "../dist/address.js";
import { hueOf, Palette } from "../dist/color.js";
import { lookOf } from "../dist/connection.js";
import { Glide } from "../dist/glide.js";
import { initials, nameOr, randomName, tidy } from "../dist/name.js";
import { News } from "../dist/news.js";
import { list, typing } from "../dist/sentence.js";
import { leapt, Trail } from "../dist/trail.js";

test("a board is what the address names, as far as a topic can be called so", () => {
  assert.equal(boardOf(""), "42");
  assert.equal(boardOf("?board="), "42");
  assert.equal(boardOf("?board=team.a-1"), "team.a-1");
  assert.equal(boardOf("?board=our%20board:1"), "our-board-1");
  assert.equal(boardOf(`?board=${"x".repeat(200)}`).length, 64);
  assert.equal(addressOf("a@b", "http://127.0.0.1:7700/?x=1#y"), "http://127.0.0.1:7700/?board=a%40b");
});

test("sentences for nobody, one, two, three and more", () => {
  assert.equal(typing([]), "");
  assert.equal(typing(["Ann"]), "Ann is typing…");
  assert.equal(typing(["Ann", "Bo"]), "Ann and Bo are typing…");
  assert.equal(typing(["Ann", "Bo", "Cy"]), "Ann, Bo and Cy are typing…");
  assert.equal(list(["Ann", "Bo", "Cy", "Di"]), "Ann, Bo and 2 others");
});

test("names are tidied, cut at characters and short in an avatar", () => {
  assert.equal(tidy("  Ann \n  Baker "), "Ann Baker");
  assert.equal(tidy("\u0007\ud800"), "");
  assert.equal(tidy("🦊".repeat(40)), "🦊".repeat(32));
  assert.equal(nameOr(" "), "Somebody");
  assert.equal(initials("Ann van der Baker"), "AB");
  assert.equal(initials("🦊 fox"), "🦊F");
  assert.equal(initials(""), "?");
  for (const random of [0, 0.5, 0.999_999]) assert.match(randomName(() => random), /^[A-Z]\w+ [A-Z]\w+$/);
});

test("who comes later makes way for who has a similar colour, and nobody changes", () => {
  const ids = Array.from({ length: 200 }, (_, i) => `user${i}.session${i}`);
  const near = ids.filter((id) => Math.abs(hueOf(id) - hueOf(ids[0] ?? "")) < 10);
  assert.ok(near.length > 1, "there are some that collide");
  const [first = "", second = ""] = near;
  const palette = new Palette();
  const alone = palette.of([first]).get(first);
  assert.equal(alone, hueOf(first));
  const both = palette.of([first, second]);
  assert.equal(both.get(first), alone);
  assert.notEqual(both.get(second), hueOf(second));
  assert.equal(new Palette().of([first, second]).get(second), both.get(second));
  assert.equal(palette.of([second]).get(second), both.get(second));
});

test("a glide arrives, does not overshoot, and is the same at any frame rate", () => {
  const slow = new Glide(0, 0);
  const fast = new Glide(0, 0);
  slow.to(100, 0);
  fast.to(100, 0);
  for (let frame = 0; frame < 3; frame += 1) slow.step(1 / 30);
  for (let frame = 0; frame < 12; frame += 1) fast.step(1 / 120);
  assert.ok(Math.abs(slow.x - fast.x) < 1e-6);
  assert.ok(slow.x > 50 && slow.x < 100);
  for (let frame = 0; frame < 60; frame += 1) {
    fast.step(1 / 60);
    assert.ok(fast.x <= 100 + 1e-9);
  }
  assert.deepEqual([fast.x, fast.there], [100, true]);
  slow.step(5);
  assert.deepEqual([slow.x, slow.there], [100, true]);
});

test("a pause and a distance is a lifted pen, a fast hand is not", () => {
  const from = { x: 0, y: 0 };
  assert.equal(leapt(from, { x: 300, y: 0 }, 50), false);
  assert.equal(leapt(from, { x: 300, y: 0 }, 400), true);
  assert.equal(leapt(from, { x: 50, y: 0 }, 400), false);
  assert.equal(leapt(from, { x: 700, y: 0 }, 50), true);
});

test("ink is thin where it is old, is cut by an eraser, and is gone within two seconds", () => {
  const trail = new Trail();
  for (let i = 0; i <= 10; i += 1) trail.extend({ x: i * 20, y: 0 }, i * 50);
  const [outline = []] = trail.outlines(500);
  const width = (/** @type {number} */ i) => Math.abs((outline[i]?.y ?? 0) - (outline.at(-1 - i)?.y ?? 0));
  assert.equal(outline.length, 22);
  assert.ok(width(0) < width(10));

  trail.erase({ x: 100, y: 5 }, 15);
  assert.equal(trail.outlines(500).length, 2);
  trail.fade(1_999);
  assert.ok(!trail.dry);
  trail.fade(2_500);
  assert.ok(trail.dry);
});

test("a lifted pen leaves no line to where it is put down", () => {
  const trail = new Trail();
  trail.extend({ x: 0, y: 0 }, 0);
  trail.extend({ x: 10, y: 0 }, 10);
  trail.lift();
  trail.extend({ x: 500, y: 0 }, 20);
  assert.equal(trail.outlines(20).length, 1);
  trail.extend({ x: 510, y: 0 }, 30);
  assert.equal(trail.outlines(30).length, 2);
});

test("who is only missing because the server was away is news after a while, or never", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    /** @type {string[]} */
    const told = [];
    const news = new News((text) => told.push(text));
    news.joined("a", "Ann");
    news.left("a", "Ann", "unseen");
    news.left("b", "Bo", "unseen");
    mock.timers.tick(5_000);
    news.joined("a", "Ann");
    mock.timers.tick(60_000);
    news.left("a", "Ann", "disconnected");
    news.joined("a", "Ann");
    assert.deepEqual(told, ["Ann joined", "Bo left while you were away", "Ann lost the connection", "Ann joined"]);
  } finally {
    mock.timers.reset();
  }
});

test("the pill counts down to the next attempt", () => {
  const status = { since: 0, attempt: 1, retryAt: 5_000, error: null };
  assert.deepEqual(lookOf({ ...status, state: "stale" }, 1_500), { tone: "lost", text: "Reconnecting in 4 s" });
  assert.equal(lookOf({ ...status, state: "stale" }, 5_100).text, "Reconnecting…");
  assert.equal(lookOf({ ...status, state: "connecting", retryAt: null }, 0).text, "Connecting…");
  assert.equal(lookOf({ ...status, state: "live", retryAt: null }, 0).tone, "live");
});
