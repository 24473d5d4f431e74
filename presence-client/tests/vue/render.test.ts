// @vitest-environment happy-dom
/** What is painted, and how often: a component is rendered when what it selects is another, and at no other time. */

import { computed, createSSRApp, defineComponent, h, ref } from "vue";
import { renderToString } from "vue/server-renderer";
import { describe, expect, test, vi } from "vitest";
import { cursor, typing } from "../../../generated/index.js";
import { PresenceProvider, useActivity, useCounts, useFollow, useMembers, useOnJoin, useOnLeave, useOnUpdate, useOthers, usePresence, useSelf, useStatus, useTyping, useUsers } from "../../src/vue/index.js";
import { ann, bo } from "../store/house.js";
import { counted, page } from "./mount.js";

const board = { board: "42" };

describe("a hundred moves of a cursor", () => {
  const selections: Record<string, () => { readonly value: unknown }> = {
    "how many others there are": () => useOthers(cursor, board, (others) => others.length),
    "a list made anew each time": () => useOthers(cursor, board, (others) => others.map(({ user, value: { label } }) => ({ user, label }))),
    "how many users there are": () => useUsers(cursor, board, (users) => users.length),
    "who is here": () => useMembers(cursor, board, (members) => members.map(({ user }) => user)),
    "all of oneself": () => useSelf(cursor, board),
    "the state": () => useStatus(cursor, board),
    "the client's state": () => useStatus(),
    "who types": () => useTyping(cursor, board),
    "how busy somebody is": () => useActivity(cursor, board, "bo"),
    "who follows whom": () => useFollow(cursor, board).following,
    "a rough place, by an own equality": () =>
      useOthers(cursor, board, (others) => others[0]?.value.x ?? 0, (a, b) => Math.abs(a - b) < 1_000),
  };

  test.each(Object.entries(selections))("do not render what selects %s", async (_, use) => {
    const { show, after, board: theirs } = page();
    const watching = counted(use);
    const moved = counted(() => useOthers(cursor, board));
    const Both = defineComponent(() => {
      usePresence(cursor, board, ann);
      return () => [h(watching.Shows), h(moved.Shows)];
    });
    await after(() => theirs.heartbeat(bo));
    await show(() => h(Both));
    const [before, moves] = [watching.renders, moved.renders];
    for (let x = 0; x < 100; x += 1) await after(() => theirs.update({ x }));
    expect(watching.renders).toBe(before);
    // They were seen: it is no wonder where nothing arrives.
    expect(moved.renders).toBe(moves + 100);
  });
});

test("who only counts is told only how many there are", async () => {
  const { show, after, said, server, board: theirs, element } = page();
  const { Shows } = counted(() => useCounts(cursor, board));
  await after(() => theirs.heartbeat(bo));
  await show(() => h(Shows));
  expect(said("subscribe")).toMatchObject([{ filter: "count" }]);
  await after(() => server.client({ user: "bo" }).topic(cursor, board).heartbeat(bo));
  expect(JSON.parse(element.textContent ?? "")).toEqual({ members: 2, users: 1 });
});

test("a selector may look at other refs", async () => {
  const { show, after, board: theirs, element } = page();
  const step = ref(1);
  const { Shows } = counted(() => useOthers(cursor, board, (others) => others.map(({ value }) => value.x * step.value)));
  await after(() => theirs.heartbeat(bo));
  await show(() => h(Shows));
  expect(element.textContent).toBe("[3]");
  step.value = 2;
  await after(() => {});
  expect(element.textContent).toBe("[6]");
});

test("a lost connection is stale with everybody still there, and live again", async () => {
  const { show, after, advance, server, board: theirs, element } = page();
  const Status = defineComponent(() => {
    const [status, client] = [useStatus(cursor, board), useStatus()];
    const names = useOthers(cursor, board, (others) => others.map(({ user }) => user).join());
    const text = computed(() => `${status.value.state} ${status.value.asOf === null} ${client.value.state} [${names.value}]`);
    return () => text.value;
  });
  await after(() => theirs.heartbeat(bo));
  await show(() => h(Status));
  expect(element.textContent).toBe("live true live [bo]");
  await after(() => server.stop());
  expect(element.textContent).toBe("stale false stale [bo]");
  await after(() => server.start());
  await advance(60_000);
  expect(element.textContent).toBe("live true live [bo]");
});

test("what happens is told once, and no more when the component is gone", async () => {
  const { show, after, board: theirs } = page();
  const told: string[] = [];
  const Log = defineComponent(() => {
    useOnJoin(cursor, board, ({ user }) => told.push(`${user} joins`));
    useOnUpdate(cursor, board, ({ user, value }, before) => told.push(`${user} ${before.value.x}→${value.x}`));
    useOnLeave(cursor, board, ({ user }, reason) => told.push(`${user} ${reason}`));
    return () => null;
  });
  await show(() => h(Log));
  await after(() => theirs.heartbeat(bo));
  await after(() => theirs.update({ x: 4 }));
  await after(() => theirs.leave());
  expect(told).toEqual(["bo joins", "bo 3→4", "bo left"]);
  await show(() => null);
  await after(() => theirs.heartbeat(bo));
  expect(told).toHaveLength(3);
});

test("who was there before joins while it is not live, also where they were counted already", async () => {
  const { show, after, server, board: theirs } = page();
  const told: string[] = [];
  const { Shows: Count } = counted(() => useCounts(cursor, board));
  const News = defineComponent(() => {
    const status = useStatus(cursor, board);
    useOnJoin(cursor, board, ({ user }) => told.push(`${user} ${status.value.state === "live" ? "comes" : "was there"}`));
    return () => null;
  });
  await after(() => theirs.heartbeat(bo));
  await show(() => h(Count));
  await show(() => h("div", [h(Count), h(News)]));
  await after(() => server.client({ user: "cid" }).topic(cursor, board).heartbeat(bo));
  expect(told).toEqual(["bo was there", "cid comes"]);
});

test("following is seen by both, and what those do who are followed is heard alone", async () => {
  const { show, after, board: theirs, server, element } = page();
  const cid = server.client({ user: "cid" }).topic(cursor, board);
  const updates: string[] = [];
  let press: ReturnType<typeof useFollow> | undefined;
  const Follow = defineComponent(() => {
    const here = usePresence(cursor, board, ann);
    const { following, followers } = (press = useFollow(here));
    const mirrored = useOthers(here.only("following"), (members) => members.map(({ user }) => user));
    useOnUpdate(here.only("following"), ({ user, value }) => updates.push(`${user} ${value.x}`));
    return () => `follows ${following.value} is followed by ${followers.value} mirrors ${mirrored.value}`;
  });
  await after(() => Promise.all([theirs.heartbeat(bo), cid.heartbeat({ ...bo, label: "Cid" })]));
  await show(() => h(Follow));
  await after(() => press?.follow("bo"));
  await after(() => theirs.follow("ann"));
  expect(theirs.value().followers).toEqual(["ann"]);
  expect(element.textContent).toBe("follows bo is followed by bo mirrors bo");
  updates.length = 0;
  await after(() => Promise.all([theirs.update({ x: 8 }), cid.update({ x: 9 })]));
  expect(updates).toEqual(["bo 8"]);
  await after(() => press?.unfollow());
  expect(element.textContent).toBe("follows  is followed by bo mirrors ");
});

test("the sentence about who is typing, and how busy somebody is", async () => {
  const { show, after, advance, other, server, element } = page();
  const who = ref<string>();
  const Chat = defineComponent(() => {
    const chat = usePresence(typing, { chat: "7" }, { typing: true });
    const [sentence, activity] = [useTyping(chat), useActivity(chat, who)];
    return () => `${sentence.value || "nobody"} ${activity.value}`;
  });
  await show(() => h(Chat));
  expect(element.textContent).toBe("nobody active");
  await after(() => other.topic(typing, { chat: "7" }).heartbeat({ typing: true }));
  expect(element.textContent).toBe("bo is typing active");
  who.value = "bo";
  await after(() => server.page(other).turn("hide"));
  expect(element.textContent).toBe("bo is typing away");
  await advance(typing.decays.typing ?? 0);
  expect(element.textContent).toBe("nobody away");
});

describe("a server", () => {
  const Board = defineComponent(() => {
    const here = usePresence(cursor, board, ann);
    const [status, others] = [useStatus(here), useOthers(here, (others) => others.map(({ user }) => user))];
    const [client, { following }] = [useStatus(), useFollow(here)];
    useOnJoin(here, () => {});
    return () => h("p", `${status.value.state} ${client.value.state}: ${others.value}${following.value}`);
  });

  test("renders a page as nobody is there yet, which is brought to life without a mismatch", async () => {
    const { client, board: theirs, after, said, connections } = page();
    await after(() => theirs.heartbeat(bo));
    const topic = vi.spyOn(client, "topic");
    const app = () => createSSRApp(() => h(PresenceProvider, { client }, { default: () => h(Board) }));
    const html = await renderToString(app());
    expect(html).toContain("<p>connecting connecting: </p>");
    expect(topic).not.toHaveBeenCalled();
    expect(connections()).toBe(0);

    const element = document.createElement("main");
    element.innerHTML = html;
    const warnings = vi.spyOn(console, "warn");
    const errors = vi.spyOn(console, "error");
    const alive = app();
    alive.mount(element);
    await after(() => {});
    expect(element.textContent).toBe("live live: bo");
    expect(warnings).not.toHaveBeenCalled();
    expect(errors).not.toHaveBeenCalled();
    expect(said("heartbeat")).toHaveLength(1);
    alive.unmount();
  });
});
