/**
 * Tabs that nobody looks at: hidden, with the timers that browsers give such tabs, and frozen. `HIDDEN_SECS`
 * says for how long; by default a little longer than the lease of those that are looked at, over HTTP.
 */

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { House, Party, addressOf, launch } from "./house.js";
import { Window } from "./window.js";
import { cursor } from "../../../generated/index.js";

const HIDDEN_MS = 1_000 * Number(process.env["HIDDEN_SECS"] ?? (cursor.ttlMs + 8_000) / 1_000);
/** So rarely the timers of a hidden tab run, once they are slowed down for good. */
const SLOW_MS = 10_000;

/** So long a hidden tab is present that says nothing over HTTP, as one that is frozen. */
const LEASE_MS = 150_000;
const GONE = HIDDEN_MS > LEASE_MS ? ["Snow left: expired"] : [];
const RETURNED = HIDDEN_MS > LEASE_MS ? [...GONE, "Snow joined"] : [];

let browser: Browser;
let house: House;

beforeAll(async () => {
  // After five minutes browsers let a hidden tab's timers run once a minute; here they do so after a second.
  const slow = ["--intensive-wake-up-throttling-policy=1", "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1"];
  [browser, house] = await Promise.all([launch(slow), House.open()]);
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

test("hidden and frozen tabs stay, as away, and go on where they were", { timeout: HIDDEN_MS + 90_000 }, async () => {
  const party = new Party(browser, house.url);
  const { board } = party;
  const bo = await party.open({ label: "Bo" });
  const window = await Window.open(browser);
  const tab = (label: string, transport: "websocket" | "sse") => window.tab(addressOf(house.url, { board, label, transport }));
  const hidden = { Socket: await tab("Socket", "websocket"), Stream: await tab("Stream", "sse") };
  const frozen = { Ice: await tab("Ice", "websocket"), Snow: await tab("Snow", "sse") };
  const tabs = { ...hidden, ...frozen };
  const labels = Object.keys(tabs);
  await bo.sees(...labels);
  for (const [label, it] of Object.entries(tabs)) await it.sees("Bo", ...labels.filter((other) => other !== label));
  await Promise.all([bo, ...Object.values(tabs)].map((it) => it.forget()));

  const began = Date.now();
  await window.turnAway();
  await bo.until("everybody is away", ({ others }) => others.length === 4 && others.every((it) => it.activity === "away"));
  for (const it of Object.values(frozen)) await it.freeze();
  await bo.say(1);
  await new Promise((resolve) => setTimeout(resolve, HIDDEN_MS - (Date.now() - began)));

  // Nobody has seen anybody go who had a word to say, and all of them still are away.
  const { log, others } = await bo.state();
  expect([log, others.length, others.every((it) => it.activity === "away")]).toEqual([GONE, 4 - GONE.length, true]);
  for (const [label, it] of Object.entries(hidden)) {
    const { visibility, ticks, now } = await it.state();
    const gaps = [...ticks, now].map((at, i, all) => at - (all[i - 1] ?? at));
    console.info(`${label}: hidden for ${Math.round((Date.now() - began) / 1_000)} s; a timer of a second ran ${ticks.length} times, once after ${Math.max(...gaps)} ms`);
    expect(visibility).toBe("hidden");
    expect(Math.max(...gaps)).toBeGreaterThan(SLOW_MS);
    // It heard of others all the time.
    await it.seesAt("Bo", 1);
  }
  for (const it of Object.values(frozen)) await it.resume();
  for (const [label, it] of Object.entries(frozen)) {
    const { ticks, now } = await it.seesAt("Bo", 1);
    const gaps = [...ticks, now].map((at, i, all) => at - (all[i - 1] ?? at));
    console.info(`${label}: frozen; a timer of a second ran ${ticks.length} times, once after ${Math.max(...gaps)} ms`);
    expect(Math.max(...gaps)).toBeGreaterThan(HIDDEN_MS / 2);
  }
  for (const [label, it] of Object.entries(tabs)) {
    await it.show();
    // Whoever was forgotten comes again by itself, with what it had to say last.
    await bo.until(`${label} is active`, ({ others }) => others.some((other) => other.label === label && other.activity === "active"));
    await it.say(2);
    await bo.seesAt(label, 2);
  }
  for (const [label, it] of Object.entries(tabs)) {
    const { log, errors } = await it.sees("Bo", ...labels.filter((other) => other !== label));
    expect([log, errors]).toEqual([label === "Snow" ? [] : RETURNED, []]);
  }
  expect((await bo.state()).log).toEqual(RETURNED);

  // What a lease that ends while a tab is frozen comes to: the server knows it no more when it resumes.
  for (const label of ["Ice", "Snow"] as const) {
    const it = tabs[label];
    await it.say(3);
    await bo.seesAt(label, 3);
    await window.turnAway();
    await bo.until(`${label} is away`, ({ others }) => others.some((other) => other.label === label && other.activity === "away"));
    await it.freeze();
  }
  await house.kill();
  await house.start();
  await bo.sees("Socket", "Stream");
  for (const label of ["Ice", "Snow"] as const) {
    await tabs[label].resume();
    await tabs[label].show();
    await bo.seesAt(label, 3);
  }
  await bo.sees(...labels);
  await party.end();
});
