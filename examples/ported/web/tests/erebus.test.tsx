// @vitest-environment happy-dom
/** Erebus' examples. */

import type { PresenceClient, UserId } from "presence-client";
import { PresenceProvider } from "presence-client/vue";
import { describe, expect, onTestFinished, test } from "vitest";
import { createApp, h, nextTick, ref } from "vue";
import { chatter } from "../generated/index.js";
import { activities } from "../src/erebus/activity.js";
import { unhurried } from "../src/erebus/batch.js";
import { announce } from "../src/erebus/events.js";
import { removing } from "../src/erebus/gracefully.js";
import { forgetting } from "../src/erebus/memory.js";
import { rooms } from "../src/erebus/multi-topic.js";
import { typingIndicator, typingUsers } from "../src/erebus/typing.js";
import { useOnline as useOnlineInVue } from "../src/erebus/use-online-vue.js";
import { useOnline } from "../src/erebus/use-online.js";
import { isOnline, onlineUsers, userList } from "../src/erebus/user-list.js";
import { SOON_MS, house } from "./house.js";
import { paint } from "./react.js";

const id = (user: string) => user as UserId;
const chat = (client: PresenceClient, room = "lobby") => client.topic(chatter, { room });
const element = () => document.body.appendChild(document.createElement("div"));

describe("coming and going", () => {
  test("is told once, to each who listens, until that one stops", async () => {
    const { server, enter } = house();
    const [one, two]: string[][] = [[], []];
    const lobby = chat(enter("ann"));
    const stop = announce(lobby, (text) => one?.push(text));
    announce(lobby, (text) => two?.push(text));
    await server.settle();
    const bo = chat(enter("bo"));
    bo.heartbeat({ name: "Bo" });
    await server.advance(SOON_MS);
    stop();
    await bo.leave();
    await server.advance(SOON_MS);
    expect([one, two]).toEqual([["👤 Bo joined the room"], ["👤 Bo joined the room", "👋 Bo left the room"]]);
  });

  test("a connection that ends says nothing of rooms in which its user never was", async () => {
    const { server, enter } = house();
    const log: string[] = [];
    const ann = enter("ann");
    announce(chat(ann), (text) => log.push(text));
    announce(chat(ann, "other"), (text) => log.push(`other: ${text}`));
    await server.settle();
    const bo = enter("bo");
    chat(bo).heartbeat({ name: "Bo" });
    chat(bo, "other").onChange(() => {});
    await server.advance(SOON_MS);
    server.cut(bo);
    await server.advance(60_000);
    expect(log).toEqual(["👤 Bo joined the room", "👋 Bo left the room"]);
  });
});

describe("a list of users", () => {
  test("has everybody who is there, and once who has two tabs until the last is closed", async () => {
    const { server, enter } = house();
    const [count, list, lobby] = [element(), element(), chat(enter("ann"))];
    userList(lobby, count, list);
    const tabs = [chat(enter("bo")), chat(enter("bo"))];
    for (const tab of tabs) tab.heartbeat({ name: "Bo", avatar: "https://example.org/bo.png" });
    chat(enter("cid")).heartbeat({ name: "Cid" });
    await server.advance(SOON_MS);
    expect([count.textContent, ...Array.from(list.children, (it) => it.textContent)]).toEqual(["2 online", "Bo", "Cid"]);
    await tabs[0]?.leave();
    await server.advance(SOON_MS);
    expect([count.textContent, onlineUsers(lobby), isOnline(lobby, id("bo"))]).toEqual(["2 online", ["bo", "cid"], true]);
    await tabs[1]?.leave();
    await server.advance(SOON_MS);
    expect([count.textContent, onlineUsers(lobby), isOnline(lobby, id("bo"))]).toEqual(["1 online", ["cid"], false]);
  });
});

describe("who is typing", () => {
  test("is a sentence about others, which ends with the last key, with an empty text, and with who went", async () => {
    const { server, enter } = house();
    const [input, indicator, lobby] = [document.createElement("input"), element(), chat(enter("ann"))];
    typingIndicator(lobby, input, indicator);
    await lobby.heartbeat({ name: "Ann" });
    const bo = chat(enter("bo"));
    bo.heartbeat({ name: "Bo", typing: true });
    await server.advance(SOON_MS);
    expect(indicator.textContent).toBe("Bo is typing");
    await server.advance(2_500);
    // Another key: three seconds from now on, and no earlier timer ends it before.
    bo.update({ typing: true });
    await server.advance(2_500);
    expect(indicator.textContent).toBe("Bo is typing");
    await server.advance(800);
    expect(indicator.textContent).toBe("");

    const others = ["cid", "dan", "eve"].map((user) => enter(user));
    chat(enter("bo")).heartbeat({ name: "Bo", typing: true });
    for (const [i, name] of ["Cid", "Dan", "Eve"].entries()) chat(others[i] as PresenceClient).heartbeat({ name, typing: true });
    input.value = "hello";
    input.dispatchEvent(new Event("input"));
    await server.advance(SOON_MS);
    expect(indicator.textContent).toBe("Bo, Cid, and 2 others are typing");
    expect([...typingUsers(chat(others[0] as PresenceClient))]).toEqual([]);
    input.value = "";
    input.dispatchEvent(new Event("input"));
    for (const other of others) other.close();
    await server.advance(SOON_MS);
    expect(indicator.textContent).toBe("Bo is typing");
    expect(server.members("chat:lobby").find(({ user }) => user === "ann")?.value).toMatchObject({ typing: false });
  });
});

describe("who is at it", () => {
  test("is idle after a minute and away after five, and back with the next key", async () => {
    const { server, enter } = house();
    let seen: readonly (readonly string[])[] = [];
    activities(chat(enter("ann")), (...now) => (seen = now));
    const bo = enter("bo");
    chat(bo).heartbeat({ name: "Bo" });
    await server.advance(SOON_MS);
    expect(seen).toEqual([["bo"], []]);
    await server.advance(61_000);
    expect(seen).toEqual([[], ["bo"]]);
    await server.advance(241_000);
    // Away, which is neither; and still there.
    expect(seen).toEqual([[], []]);
    expect(server.members("chat:lobby")).toHaveLength(1);
    server.page(bo).turn("input");
    await server.advance(SOON_MS);
    expect(seen).toEqual([["bo"], []]);
  });
});

describe("several rooms", () => {
  test("are tracked over one client, and a user in two of them is one", async () => {
    const { server, enter } = house();
    const { track, usersOf, topicsOf, total } = rooms(enter("ann"));
    const told: string[] = [];
    track("a", () => {
      throw new Error("an error of this one's");
    });
    track("a", ({ users }) => told.push(`a: ${users.length}`));
    track("b", ({ users }) => told.push(`b: ${users.length}`));
    const bo = enter("bo");
    for (const room of ["a", "b", "c"]) chat(bo, room).heartbeat({ name: "Bo" });
    chat(enter("cid"), "b").heartbeat({ name: "Cid" });
    await server.advance(SOON_MS);
    expect([usersOf("a"), usersOf("b")]).toEqual([["bo"], ["bo", "cid"]]);
    expect(topicsOf(id("bo"))).toEqual(["chat:a", "chat:b"]);
    expect(total()).toBe(2);
    // What one listener throws is reported, and hurts no other.
    expect(told.at(-1)).toMatch(/^[ab]: /);
    expect(told).toContain("a: 1");
    expect(String(server.reported[0])).toContain("an error of this one's");
  });
});

describe("in frameworks", () => {
  test("React shows who is there, says so of an empty room, and mixes no rooms", async () => {
    const { server, enter } = house();
    const page = paint(server, enter("ann"));
    const Online = ({ room }: { readonly room: string }) => JSON.stringify(useOnline(room));
    await page.show(<Online room="empty" />);
    expect(page.element.textContent).toBe('{"onlineUsers":[],"userCount":0,"isLoading":false}');
    await page.after(() => chat(enter("bo")).heartbeat({ name: "Bo" }));
    await page.show(<Online room="lobby" />);
    expect(page.element.textContent).toBe('{"onlineUsers":["bo"],"userCount":1,"isLoading":false}');
    await page.show(<Online room="empty" />);
    expect(page.element.textContent).toBe('{"onlineUsers":[],"userCount":0,"isLoading":false}');
  });

  test("Vue shows who is there, says so of an empty room, and mixes no rooms", async () => {
    const { server, enter } = house();
    const [main, room] = [document.createElement("main"), ref("empty")];
    const Online = {
      setup() {
        const { onlineUsers, userCount, isLoading } = useOnlineInVue(room);
        return () => `${onlineUsers.value} ${userCount.value} ${isLoading.value}`;
      },
    };
    const app = createApp(() => h(PresenceProvider, { client: enter("ann") }, { default: () => h(Online) }));
    app.mount(main);
    onTestFinished(() => app.unmount());
    const shown = async () => {
      await nextTick();
      await server.advance(SOON_MS);
      await nextTick();
      return main.textContent;
    };
    expect(main.textContent).toBe(" 0 true");
    expect(await shown()).toBe(" 0 false");
    chat(enter("bo")).heartbeat({ name: "Bo" });
    room.value = "lobby";
    expect(await shown()).toBe("bo 1 false");
    room.value = "empty";
    expect(await shown()).toBe(" 0 false");
  });
});

describe("what one should see to", () => {
  test("somebody's element goes with their last tab, and nobody's else", async () => {
    const { server, enter } = house();
    const [bo, cid] = [element(), element()];
    [bo.id, cid.id] = ["user-bo", "user-cid"];
    removing(chat(enter("ann")));
    const tabs = [chat(enter("bo")), chat(enter("bo"))];
    for (const tab of tabs) tab.heartbeat({ name: "Bo" });
    await server.advance(SOON_MS);
    await tabs[0]?.leave();
    await server.advance(SOON_MS);
    expect(bo.isConnected).toBe(true);
    await tabs[1]?.leave();
    await server.advance(SOON_MS);
    expect([bo.isConnected, cid.isConnected]).toEqual([false, true]);
  });

  test("changes are told together, ten times a second at most", async () => {
    const { server, enter } = house();
    const environment = server.environment();
    const calls: number[] = [];
    const client = unhurried({ url: server.url, token: "ann", environment });
    onTestFinished(() => client.close());
    chat(client).onChange(() => calls.push(server.now));
    await server.settle();
    const others = Array.from({ length: 20 }, (_, i) => chat(enter(`user-${i}`)));
    for (const [i, other] of others.entries()) other.heartbeat({ name: `User ${i}` });
    for (let i = 0; i < 100; i += 1) {
      others[i % 20]?.update({ name: `Name ${i}` });
      await server.advance(10);
    }
    await server.advance(SOON_MS);
    const gaps = calls.slice(1).map((now, i) => now - (calls[i] ?? 0));
    expect(calls.length).toBeGreaterThan(3);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
    expect(chat(client).value().others).toHaveLength(20);
    expect(chat(client).value().others.at(-1)?.value.name).toBe("Name 99");
  });

  test("what is kept of somebody goes a minute after they did, unless they are back by then", async () => {
    const { server, enter } = house();
    const forgotten: string[] = [];
    forgetting(enter("ann"), "lobby", (user) => forgotten.push(user));
    const bo = chat(enter("bo"));
    bo.heartbeat({ name: "Bo" });
    await server.advance(SOON_MS);
    await bo.leave();
    await server.advance(59_000);
    bo.heartbeat({ name: "Bo" });
    await server.advance(2_000);
    expect(forgotten).toEqual([]);
    await bo.leave();
    await server.advance(59_000);
    expect(forgotten).toEqual([]);
    await server.advance(2_000);
    expect(forgotten).toEqual(["bo"]);
  });
});
