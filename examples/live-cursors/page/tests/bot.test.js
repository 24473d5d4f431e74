/** The member from the Rust side, and how busy everybody is. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { House } from "./house.js";
import { Server } from "./server.js";

const house = new House(["--bot"]);

test("a bot is on the board, moves, can be followed, and goes with the last person", async () => {
  const ann = await house.open("Ann");
  await ann.cursor("Robo").locator(".tag").waitFor();
  assert.equal(await ann.page.locator(".count").textContent(), "2");
  const where = () => ann.cursor("Robo").evaluate((it) => /** @type {HTMLElement} */ (it).style.transform);
  const before = await where();
  await ann.seesInk(true);
  assert.notEqual(await where(), before);

  await ann.page.getByRole("button", { name: /Robo.*Follow$/ }).click();
  await ann.page.getByText("Following Robo").waitFor();
  const first = await ann.view();
  await ann.page.waitForFunction((left) => /** @type {HTMLElement} */ (document.querySelector(".stage")).style.getPropertyValue("--left") !== left,
    await ann.page.locator(".stage").evaluate((it) => /** @type {HTMLElement} */ (it).style.getPropertyValue("--left")));
  assert.notDeepEqual(await ann.view(), first, "it takes along who follows");

  await ann.page.close();
  const end = Date.now() + 10_000;
  for (let members = -1; members !== 0; ) {
    assert.ok(Date.now() < end, `${members} are still there`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const answer = await fetch(`${house.server.url}/presence/boards:test:cursors/value`);
    members = (await answer.json()).counts.members;
  }
});

test("there is none where none was asked for", async () => {
  const without = await new Server().start();
  try {
    const heartbeat = { value: { x: 1, y: 1, label: "Ann" } };
    const headers = { "Content-Type": "application/json", "Presence-Session": "1".padStart(32, "0") };
    const topic = `${without.url}/presence/boards:test:cursors`;
    await fetch(`${topic}/heartbeat`, { method: "POST", headers, body: JSON.stringify(heartbeat) });
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal((await (await fetch(`${topic}/value`)).json()).counts.members, 1);
  } finally {
    await without.kill();
  }
});

test("who is idle or away is dimmed, and it is said in words", async () => {
  const [ann, bo] = await house.all("Ann", "Bo");
  const quiet = { value: { x: 1_700, y: 1_100, label: "Cy" }, activity: "idle" };
  await fetch(`${house.server.url}/presence/boards:test:cursors/heartbeat`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Presence-Session": "1".padStart(32, "0") },
    body: JSON.stringify(quiet),
  });
  await bo.row("Cy").getByText("Idle").first().waitFor();
  await bo.cursor("Cy").getByText("idle").waitFor();

  await bo.row("Ann").getByText("Pointing").waitFor();
  await ann.turn("hidden");
  await bo.row("Ann").getByText("Away").first().waitFor();
  await bo.cursor("Ann").getByText("away").waitFor();
  const dim = () => bo.row("Ann").locator(".avatar").evaluate((it) => Number(getComputedStyle(it).opacity));
  assert.ok((await dim()) < 0.6);
  await ann.turn("visible");
  await ann.point(1_900, 1_200);
  await bo.row("Ann").getByText("Pointing").waitFor();
  assert.equal(await dim(), 1);
});
