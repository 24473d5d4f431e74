/** Tabs that come, go, reload and return, in real browsers. */

import { describe, expect } from "vitest";
import { addressOf, visiting } from "./house.js";

const test = visiting();

/** So long after a page has ended its members leave, unless it is back. */
const GOODBYE_MS = 2_000;

test.concurrent("five pages see each other, and each what the others do", async ({ party }) => {
  const labels = ["Ann", "Bo", "Cy", "Di", "Eve"];
  const pages = await Promise.all(
    labels.map((label, i) => party.open({ label, transport: i < 3 ? "websocket" : "sse" })),
  );
  const others = (label: string) => labels.filter((it) => it !== label);
  await Promise.all(pages.map((page, i) => page.sees(...others(labels[i] ?? ""))));
  await Promise.all(pages.map((page, i) => page.say(10 + i)));
  for (const page of pages) {
    for (const [i, label] of labels.entries()) {
      if (page !== pages[i]) await page.seesAt(label, 10 + i);
    }
  }
  await pages[4]?.context.close();
  for (const page of pages.slice(0, 4)) {
    const { log } = await page.until("sees Eve leave", ({ log }) => log.some((it) => it.startsWith("Eve left")));
    expect(log.filter((it) => it.includes("left"))).toEqual(["Eve left: left"]);
  }
});

for (const transport of ["websocket", "sse"] as const) {
  describe(`by ${transport}`, () => {
    test.concurrent("a reload is the same member: nobody sees it go, and it sees nobody missing", async ({ party }) => {
      const [ann, bo, cy] = await Promise.all(["Ann", "Bo", "Cy"].map((label) => party.open({ label, transport })));
      if (!ann || !bo || !cy) throw new Error("three were opened");
      await Promise.all([ann.sees("Bo", "Cy"), bo.sees("Ann", "Cy"), cy.sees("Ann", "Bo")]);
      const before = (await ann.state()).self?.member;
      await Promise.all([bo.forget(), cy.forget()]);
      let slow = false;
      for (const x of [1, 2, 3]) {
        const began = Date.now();
        await ann.page.reload();
        const { views, self } = await ann.sees("Bo", "Cy");
        slow ||= Date.now() - began > GOODBYE_MS;
        expect(self?.member).toBe(before);
        // What a page shows that says it is live is everybody, from the first time on.
        expect(views.filter((it) => it.startsWith("live") && it !== "live Bo Cy")).toEqual([]);
        await ann.say(x);
        await Promise.all([bo.seesAt("Ann", x), cy.seesAt("Ann", x)]);
      }
      // Until after the time at which the server would let the member go.
      const until = Date.now() + 2_500;
      for (let x = 4; Date.now() < until; x += 1) {
        await ann.say(x);
        await Promise.all([bo.seesAt("Ann", x), cy.seesAt("Ann", x)]);
      }
      for (const [it, label] of [[bo, "Cy"], [cy, "Bo"]] as const) {
        // A machine that takes longer to load a page than that has its members leave by the rules.
        if (slow) continue;
        const { log, views } = await it.state();
        expect(log).toEqual([]);
        expect(new Set(views)).toEqual(new Set([`live Ann ${label}`]));
      }
    });

    test.concurrent("a page that is returned to at once was never gone", async ({ party }) => {
      const [ann, bo] = await party.two(transport);
      // The other page goes back as soon as it is there, however slow the test is.
      await ann.page.evaluate(() => {
        location.assign("/away.html#back");
      });
      await ann.until("is back from the cache", (it) => it.persisted);
      await ann.sees("Bo");
      await ann.say(7);
      await bo.seesAt("Ann", 7);
      const until = Date.now() + 2_500;
      for (let x = 8; Date.now() < until; x += 1) {
        await ann.say(x);
        await bo.seesAt("Ann", x);
      }
      expect((await bo.state()).log).toEqual([]);
      const { log, views } = await ann.state();
      expect(log).toEqual([]);
      expect(views.every((it) => it.endsWith(" Bo"))).toBe(true);
    });

    test.concurrent("a page that is returned to late left, and joins again", async ({ party }) => {
      const [ann, bo] = await party.two(transport);
      await ann.page.goto(`${party.url}/away.html`);
      await bo.sees();
      await bo.say(9);
      await ann.page.goBack({ waitUntil: "commit" });
      await ann.until("is back from the cache", (it) => it.persisted);
      await Promise.all([ann.sees("Bo"), bo.sees("Ann"), ann.seesAt("Bo", 9)]);
      expect((await bo.state()).log).toEqual(["Ann left: left", "Ann joined"]);
      expect((await ann.state()).log).toEqual([]);
    });
  });
}

describe("names that objects have for themselves", () => {
  test.concurrent("a board, a label and a followed user named `__proto__` are as good as any", async ({ party }) => {
    party.board = "__proto__";
    const ann = await party.open({ label: "__proto__", transport: "websocket" });
    const bo = await party.open({ label: "constructor", transport: "sse" });
    await Promise.all([ann.sees("constructor"), bo.sees("__proto__")]);
    for (const it of [ann, bo]) {
      await it.run((room) => room.board.follow("__proto__", "constructor"));
      await it.until("follows", ({ following }) => following.join() === "__proto__,constructor");
    }
    const member = (await ann.state()).others[0]?.member ?? "";
    await ann.run((room) => room.board.unfollow("__proto__"));
    const seen = await bo.run(
      (room) =>
        new Promise<readonly string[]>((resolve) => {
          const look = () => room.board.value().others[0]?.following ?? [];
          const stop = room.board.onChange(() => look().length === 1 && (stop(), resolve(look())));
          if (look().length === 1) resolve(look());
        }),
    );
    expect(seen).toEqual(["constructor"]);
    expect(await ann.run((room, id) => room.board.member(id as never)?.value.label, member)).toBe("constructor");
    expect(await ann.run((room) => room.board.member("__proto__" as never) ?? room.board.user("__proto__" as never) ?? "nobody")).toBe("nobody");
    expect(await ann.run(() => "label" in {} || Object.keys(Object.prototype).length)).toBe(0);
  });

  test.concurrent("a member and a user who are called `__proto__` are seen, followed and lost like any other", async ({ party }) => {
    const eve = await party.open({ label: "Eve" });
    await eve.sees();
    const real = (await eve.state()).self?.member ?? "";
    // The server gives guests their names; on the way to this page hers is another.
    const ann = await party.blank();
    await ann.page.routeWebSocket(/\/presence/, (near) => {
      const far = near.connectToServer();
      near.onMessage((text) => far.send(String(text).replaceAll('"__proto__"', `"${real}"`)));
      far.onMessage((text) => near.send(String(text).replaceAll(`"${real}"`, '"__proto__"')));
    });
    await ann.page.goto(addressOf(party.url, { board: party.board, label: "Ann", transport: "websocket" }));
    const { others } = await ann.sees("Eve");
    expect(others.map(({ member, user }) => [member, user])).toEqual([["__proto__", "__proto__"]]);
    await eve.say(5);
    await ann.seesAt("Eve", 5);
    const found = await ann.run((room) => {
      const [id, name] = ["__proto__" as never, "__proto__" as never];
      const { board, client } = room;
      return [board.member(id)?.value.x, board.user(name)?.members.length, client.users().get(name), client.users().size];
    });
    expect(found).toEqual([5, 1, [`boards:${party.board}:cursors`], 2]);
    // She is followed, and told of where only those are seen who are.
    await ann.run((room) => {
      room.board.only("following").onUpdate(({ value }) => void document.body.setAttribute("data-seen", String(value.x)));
      room.board.follow("__proto__" as never);
    });
    await eve.until("is followed", ({ followers }) => followers.length === 1);
    await eve.say(6);
    await ann.page.locator('body[data-seen="6"]').waitFor({ state: "attached" });
    await ann.run((room) => room.board.unfollow("__proto__" as never));
    await eve.until("is followed no more", ({ followers }) => followers.length === 0);
    await eve.page.close();
    await ann.sees();
    expect((await ann.state()).log).toEqual(["Eve joined", "Eve left: left"]);
    expect(await ann.run(() => Object.keys(Object.prototype).length)).toBe(0);
  });
});
