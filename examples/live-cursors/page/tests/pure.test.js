/** The parts of the page that need no browser. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { runnerImport } from "vite";

/** A part of the page, as it is written. @param {string} path */
const part = async (path) => (await runnerImport(path, { configFile: false, logLevel: "error" })).module;

/** @type {typeof import("../src/address.js")} */
const { addressOf, boardOf } = await part("./src/address.ts");
/** @type {typeof import("../src/color.js")} */
const { hueOf, Palette } = await part("./src/color.ts");
/** @type {typeof import("../src/connection.js")} */
const { lookOf } = await part("./src/connection.ts");
/** @type {typeof import("../src/glide.js")} */
const { Glide } = await part("./src/glide.ts");
/** @type {typeof import("../src/name.js")} */
const { initials, nameOr, randomName, tidy } = await part("./src/name.ts");
/** @type {typeof import("../src/news.js")} */
const { News } = await part("./src/news.ts");
/** @type {typeof import("../src/sentence.js")} */
const { list } = await part("./src/sentence.ts");
/** @type {typeof import("../src/trail.js")} */
const { leapt, Trail } = await part("./src/trail.ts");
/** @type {typeof import("../src/camera.js")} */
const { Camera, HOME, SIZE } = await part("./src/camera.ts");

test("a board is what the address names, as far as a topic can be called so", () => {
  assert.equal(boardOf(""), "42");
  assert.equal(boardOf("?board="), "42");
  assert.equal(boardOf("?board=team.a-1"), "team.a-1");
  assert.equal(boardOf("?board=our%20board:1"), "our-board-1");
  assert.equal(boardOf(`?board=${"x".repeat(200)}`).length, 64);
  assert.equal(addressOf("a@b", "http://127.0.0.1:7700/?x=1#y"), "http://127.0.0.1:7700/?board=a%40b");
});

test("sentences for one, two, three and more", () => {
  assert.equal(list(["Ann"]), "Ann");
  assert.equal(list(["Ann", "Bo"]), "Ann and Bo");
  assert.equal(list(["Ann", "Bo", "Cy"]), "Ann, Bo and Cy");
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
  const status = { since: 0, transport: /** @type {const} */ ("websocket"), attempt: 1, retryAt: 5_000, error: null };
  assert.deepEqual(lookOf({ ...status, state: "stale" }, 1_500), { tone: "lost", text: "Reconnecting in 4 s" });
  assert.equal(lookOf({ ...status, state: "stale" }, 5_100).text, "Reconnecting…");
  assert.equal(lookOf({ ...status, state: "connecting", retryAt: null }, 0).text, "Connecting…");
  assert.equal(lookOf({ ...status, state: "live", retryAt: null }, 0).tone, "live");
});

test("the board zooms around the hand, and never leaves the window for good", () => {
  const camera = new Camera();
  camera.resize(1_200, 800);
  camera.frame(HOME, "jump");
  assert.deepEqual(camera.region, HOME);
  assert.ok(Math.abs(camera.zoom - 1) < 1e-9);

  const hand = { x: 900, y: 200 };
  const below = camera.toBoard(hand.x, hand.y);
  camera.zoomAt(1.7, hand);
  const after = camera.toBoard(hand.x, hand.y);
  assert.ok(Math.hypot(after.x - below.x, after.y - below.y) < 1e-6);
  camera.zoomAt(1e6, hand);
  assert.ok(Math.abs(camera.zoom - 4) < 1e-9, "no nearer than fourfold");
  camera.zoomAt(1e-6, hand);
  assert.ok(Math.abs(camera.zoom - 0.3) < 1e-9, "no farther than the whole board");
  camera.pan(1e6, -1e6);
  assert.deepEqual([camera.region.x, camera.region.y], [0, SIZE.height]);
});

test("all of what somebody else sees fits into a window of another shape", () => {
  const camera = new Camera();
  camera.resize(390, 600);
  const theirs = { x: 1_000, y: 900, width: 1_300, height: 650 };
  camera.frame(theirs, "glide");
  assert.ok(!camera.still);
  for (let frame = 0; frame < 120; frame += 1) camera.step(1 / 60);
  assert.ok(camera.still);
  assert.deepEqual(camera.region, { x: 1_000, y: 900, width: 1_300, height: 2_000 });
});

test("a place beside the window is revealed, and no farther than that", () => {
  const camera = new Camera();
  camera.resize(1_200, 800);
  camera.frame(HOME, "jump");
  assert.equal(camera.reveal({ x: 1_800, y: 1_200 }, 48), false);
  assert.equal(camera.reveal({ x: 2_400, y: 1_200 }, 48), true);
  assert.deepEqual(camera.region, { ...HOME, x: 1_848 });
});
