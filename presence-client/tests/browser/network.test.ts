/** Networks that go and come, let no WebSocket through, and servers that die, before real browsers. */

import { describe, expect, test as plain } from "vitest";
import { House, Party, launch, labelsOf, visiting } from "./house.js";
import { Way } from "./way.js";
import type { Sockets } from "./way.js";

const test = visiting();

const portOf = (url: string) => Number(new URL(url).port);

for (const transport of ["websocket", "sse"] as const) {
  describe(`by ${transport}`, () => {
    test.concurrent("a network that is cut and restored: nobody seems gone, and what was missed is told once", async ({ party }) => {
      const way = await Way.to(portOf(party.url));
      const [ann, bo] = await party.two(transport, way.url);
      const cy = await party.open({ label: "Cy", transport });
      await ann.sees("Bo", "Cy");
      await Promise.all([ann.forget(), bo.forget()]);

      way.cut();
      const stale = await ann.until("is stale", (it) => it.view === "stale");
      expect([labelsOf(stale), typeof stale.asOf]).toEqual(["Bo,Cy", "number"]);
      // What happens meanwhile, here and there.
      await ann.say(42);
      await bo.say(17);
      await cy.run((room) => room.client.leaveAll());
      await bo.sees("Ann");
      expect(labelsOf(await ann.state())).toBe("Bo,Cy");

      way.restore();
      await Promise.all([bo.seesAt("Ann", 42), ann.seesAt("Bo", 17), ann.sees("Bo")]);
      expect((await ann.state()).log).toEqual(["Cy left: left"]);
      expect((await bo.state()).log.filter((it) => it.startsWith("Ann"))).toEqual([]);
      await way.close();
    });

    test.concurrent("a network that says nothing is given up when the browser says that it went", async ({ party }) => {
      const way = await Way.to(portOf(party.url));
      const [ann, bo] = await party.two(transport, way.url);
      way.silence();
      await ann.context.setOffline(true);
      await ann.until("is stale", (it) => it.view === "stale");
      expect(labelsOf(await ann.state())).toBe("Bo");
      await bo.say(3);
      way.restore();
      await ann.context.setOffline(false);
      await ann.seesAt("Bo", 3);
      await ann.say(4);
      await Promise.all([bo.seesAt("Ann", 4), ann.sees("Bo")]);
      expect((await ann.state()).log).toEqual([]);
      await way.close();
    });
  });
}

for (const sockets of ["refused", "swallowed", "broken"] satisfies Sockets[]) {
  test.concurrent(`WebSockets that are ${sockets}: the page is live over HTTP, and a reload knows`, async ({ party }) => {
    const way = await Way.to(portOf(party.url));
    way.sockets = sockets;
    const [ann, bo] = await party.two("auto", way.url);
    expect([(await ann.state()).transport, (await bo.state()).transport]).toEqual(["sse", "websocket"]);
    await ann.say(1);
    await bo.seesAt("Ann", 1);
    await bo.say(2);
    await ann.seesAt("Bo", 2);
    const tried = way.upgrades;
    expect(tried).toBe(sockets === "broken" ? 3 : 1);

    await ann.page.reload();
    await ann.sees("Bo");
    await ann.say(3);
    await bo.seesAt("Ann", 3);
    expect([(await ann.state()).transport, way.upgrades]).toEqual(["sse", tried]);
    await way.close();
  });
}

plain("a server that is killed and started again: pages stay as they were, and are live by themselves", async () => {
  const [browser, house] = await Promise.all([launch(), House.open()]);
  const party = new Party(browser, house.url);
  const labels = ["Ann", "Bo", "Cy", "Di", "Eve"];
  const others = (label = "") => labels.filter((it) => it !== label);
  const pages = await Promise.all(labels.map((label, i) => party.open({ label, transport: i < 3 ? "auto" : "sse" })));
  await Promise.all(pages.map((it, i) => it.sees(...others(labels[i]))));
  await Promise.all(pages.map((it) => it.forget()));

  await house.kill();
  for (const [i, it] of pages.entries()) {
    const stale = await it.until("is stale", ({ view }) => view === "stale");
    expect(labelsOf(stale)).toBe(others(labels[i]).join());
  }
  // What is done meanwhile is not lost.
  await pages[0]?.say(11);
  await house.start();
  await Promise.all(pages.map((it, i) => it.sees(...others(labels[i]))));
  await Promise.all(pages.slice(1).map((it) => it.seesAt("Ann", 11)));
  await pages[4]?.say(12);
  await Promise.all(pages.slice(0, 4).map((it) => it.seesAt("Eve", 12)));
  // The server has forgotten everybody: who is there before others sees them come, and of none that they went by themselves.
  for (const [i, it] of pages.entries()) {
    const { log } = await it.state();
    for (const label of others(labels[i])) {
      const told = log.filter((line) => line.startsWith(label));
      expect([[], [`${label} left: unseen`, `${label} joined`]]).toContainEqual(told);
    }
  }
  await party.end();
  await browser.close();
  await house.close();
});
