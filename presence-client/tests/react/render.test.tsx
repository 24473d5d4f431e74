// @vitest-environment happy-dom
/** What is painted, and how often: a component is rendered when what it selects is another, and at no other time. */

import { useState } from "react";
import { describe, expect, test } from "vitest";
import { cursor, typing } from "../../../generated/index.js";
import type { PresenceClient } from "../../src/index.js";
import { useActivity, useCounts, useFollow, useMembers, useOnJoin, useOnLeave, useOnUpdate, useOthers, usePresence, useSelf, useStatus, useTyping, useUsers } from "../../src/react/index.js";
import { ann, bo } from "../store/house.js";
import { page } from "./mount.js";

const board = { board: "42" };
const TOPIC = "boards:42:cursors";

/** A component that says what a hook gives, and how often it was rendered. */
function counted(use: () => unknown) {
  let renders = 0;
  return {
    Shows: () => {
      renders += 1;
      return JSON.stringify(use()) ?? "nothing";
    },
    get renders() {
      return renders;
    },
  };
}

describe("a hundred moves of a cursor", () => {
  const selections: Record<string, () => unknown> = {
    "how many others there are": () => useOthers(cursor, board, (others) => others.length),
    "a list made anew each time": () => useOthers(cursor, board, (others) => others.map(({ user, value: { label } }) => ({ user, label }))),
    "how many users there are": () => useUsers(cursor, board, (users) => users.length),
    "who is here": () => useMembers(cursor, board, (members) => members.map(({ user }) => user)),
    oneself: () => useSelf(cursor, board, (self) => self?.value.label),
    "all of oneself": () => useSelf(cursor, board),
    "the state": () => useStatus(cursor, board),
    "the client's state": () => useStatus().state,
    "who types": () => useTyping(cursor, board),
    "how busy somebody is": () => useActivity(cursor, board, "bo"),
    "who follows whom": () => useFollow(cursor, board).following,
    "a rough place, by an own equality": () =>
      useOthers(cursor, board, (others) => others[0]?.value.x ?? 0, (a, b) => Math.abs(a - b) < 1_000),
    "what happens, without a render": () => {
      useOnUpdate(cursor, board, () => {});
      return 0;
    },
  };

  test.each(Object.entries(selections))("do not render what selects %s", async (_, use) => {
    const { show, after, board: theirs } = page();
    const watching = counted(use);
    const moved = counted(() => useOthers(cursor, board));
    function Both() {
      usePresence(cursor, board, ann);
      return [<watching.Shows key="a" />, <moved.Shows key="b" />];
    }
    await after(() => theirs.heartbeat(bo));
    await show(<Both />);
    const [before, moves] = [watching.renders, moved.renders];
    for (let x = 0; x < 100; x += 1) await after(() => theirs.update({ x }));
    expect(watching.renders).toBe(before);
    // They were seen: it is no wonder where nothing arrives.
    expect(moved.renders).toBe(moves + 100);
  });

  test("own ones render nothing that looks at others", async () => {
    const { show, after, board: theirs } = page();
    const others = counted(() => useOthers(cursor, board));
    let move = (_: number) => {};
    function Mine() {
      const { update } = usePresence(cursor, board, ann);
      move = (x) => void update({ x });
      return <others.Shows />;
    }
    await after(() => theirs.heartbeat(bo));
    await show(<Mine />);
    const before = others.renders;
    for (let x = 0; x < 100; x += 1) await after(() => move(x));
    expect(theirs.value().others[0]?.value.x).toBe(99);
    expect(others.renders).toBe(before);
  });
});

test("a selector may be another at every render", async () => {
  const { show, after, board: theirs, text: _, element } = page();
  let press = () => {};
  const counts = counted(() => {
    const [step, setStep] = useState(1);
    press = () => setStep(step + 1);
    return useOthers(cursor, board, (others) => others.map(({ value }) => value.x * step));
  });
  await after(() => theirs.heartbeat(bo));
  await show(<counts.Shows />);
  expect(element.textContent).toBe("[3]");
  await after(() => press());
  expect(element.textContent).toBe("[6]");
  await after(() => theirs.update({ x: 10 }));
  expect(element.textContent).toBe("[20]");
  const before = counts.renders;
  await after(() => theirs.update({ y: 10 }));
  expect(counts.renders).toBe(before);
});

test("what is no JSON is compared by what it is: a map that is another is rendered", async () => {
  const { show, after, board: theirs, element } = page();
  function Xs() {
    const xs = useOthers(cursor, board, (others) => new Map(others.map(({ user, value }) => [user, value.x])));
    return <>{xs.get("bo")}</>;
  }
  await after(() => theirs.heartbeat(bo));
  await show(<Xs />);
  await after(() => theirs.update({ x: 77 }));
  expect(element.textContent).toBe("77");
});

test("two components of one topic subscribe once", async () => {
  const { show, said } = page();
  const { Shows } = counted(() => useOthers(cursor, board));
  const { Shows: Counts } = counted(() => useUsers(cursor, board, (users) => users.length));
  await show([<Shows key="a" />, <Shows key="b" />, <Counts key="c" />]);
  expect(said("subscribe")).toHaveLength(1);
});

test("who only counts is told only how many there are, and rendered only when that is another", async () => {
  const { show, after, said, server, board: theirs, element } = page();
  const counts = counted(() => useCounts(cursor, board));
  await after(() => theirs.heartbeat(bo));
  await show(<counts.Shows />);
  expect(element.textContent).toBe('{"members":1,"users":1}');
  expect(said("subscribe")).toMatchObject([{ filter: "count" }]);
  const before = counts.renders;
  for (let x = 0; x < 10; x += 1) await after(() => theirs.update({ x }));
  expect(counts.renders).toBe(before);
  await after(() => server.client({ user: "bo" }).topic(cursor, board).heartbeat(bo));
  expect(element.textContent).toBe('{"members":2,"users":1}');
  expect(counts.renders).toBe(before + 1);
});

describe("a lost connection", () => {
  function Status() {
    const { state, asOf } = useStatus(cursor, board);
    const client = useStatus();
    const names = useOthers(cursor, board, (others) => others.map(({ user }) => user).join());
    return `${state} ${asOf === null} ${client.state} [${names}]`;
  }

  test("is loading first, then live, then stale with everybody still there, and live again", async () => {
    const { show, after, advance, server, board: theirs, element } = page();
    await after(() => theirs.heartbeat(bo));
    await show(null);
    const seen: (string | null)[] = [];
    const look = new MutationObserver(() => seen.push(element.textContent));
    look.observe(element, { childList: true, characterData: true, subtree: true });
    await show(<Status />);
    expect(element.textContent).toBe("live true live [bo]");
    await after(() => server.stop());
    expect(element.textContent).toBe("stale false stale [bo]");
    await after(() => server.start());
    await advance(60_000);
    expect(element.textContent).toBe("live true live [bo]");
    look.disconnect();
    expect(seen[0]).toBe("connecting true connecting []");
  });

  test("brings back who is there, without an announcement by a component", async () => {
    const { show, advance, after, server, heard } = page();
    function Here() {
      usePresence(cursor, board, ann);
      return null;
    }
    await show(<Here />);
    await after(() => server.restart());
    await advance(60_000);
    expect(server.members(TOPIC)).toMatchObject([{ value: ann }]);
    expect(heard.filter((it) => it.includes("leaves"))).toEqual([]);
  });

  test("what the server refuses is said where one looks", async () => {
    const { show, after, server, element } = page();
    function Refused() {
      usePresence(cursor, board, ann);
      const { error, state } = useStatus(cursor, board);
      return `${state} ${error?.code}`;
    }
    await show(<Refused />);
    expect(element.textContent).toBe("live undefined");
    await after(() => server.kick(TOPIC, "ann"));
    expect(element.textContent).toBe("closed kicked");
  });
});

describe("what happens", () => {
  test("is told once, to the function of the last render", async () => {
    const { show, after, board: theirs } = page(["42"], { strict: true });
    const told: string[] = [];
    function Log({ as }: { readonly as: string }) {
      useOnJoin(cursor, board, ({ user }) => told.push(`${as}: ${user} joins`));
      useOnUpdate(cursor, board, ({ user, value }, before) => told.push(`${as}: ${user} ${before.value.x}→${value.x}`));
      useOnLeave(cursor, board, ({ user }, reason) => told.push(`${as}: ${user} ${reason}`));
      return null;
    }
    await show(<Log as="first" />);
    await after(() => theirs.heartbeat(bo));
    await show(<Log as="second" />);
    await after(() => theirs.update({ x: 4 }));
    await after(() => theirs.leave());
    expect(told).toEqual(["first: bo joins", "second: bo 3→4", "second: bo left"]);
    await show(null);
    await after(() => theirs.heartbeat(bo));
    expect(told).toHaveLength(3);
  });
});

test("who was there before joins while it is not live, also where they were counted already", async () => {
  const { show, after, server, board: theirs } = page(["42"], { strict: true });
  const told: string[] = [];
  function Count() {
    return useCounts(cursor, board).users;
  }
  function News() {
    const { state } = useStatus(cursor, board);
    useOnJoin(cursor, board, ({ user }) => told.push(`${user} ${state === "live" ? "comes" : "was there"}`));
    return null;
  }
  await after(() => theirs.heartbeat(bo));
  await show(<Count />);
  await show(<><Count /><News /></>);
  await after(() => server.client({ user: "cid" }).topic(cursor, board).heartbeat(bo));
  expect(told).toEqual(["bo was there", "cid comes"]);
});

describe("following", () => {
  test("is seen by both, and what those do who are followed is heard alone", async () => {
    const { show, after, board: theirs, other, server, element } = page();
    const cid = server.client({ user: "cid" }).topic(cursor, board);
    const updates: string[] = [];
    let press: ReturnType<typeof useFollow> | undefined;
    function Follow() {
      const here = usePresence(cursor, board, ann);
      press = useFollow(here);
      const mirrored = useOthers(here.only("following"), (members) => members.map(({ user }) => user));
      useOnUpdate(here.only("following"), ({ user, value }) => updates.push(`${user} ${value.x}`));
      return `follows ${press.following} is followed by ${press.followers} mirrors ${mirrored}`;
    }
    await after(() => Promise.all([theirs.heartbeat(bo), cid.heartbeat({ ...bo, label: "Cid" })]));
    await show(<Follow />);
    await after(() => press?.follow("bo"));
    expect(theirs.value().followers).toEqual(["ann"]);
    await after(() => other.topic(cursor, board).follow("ann"));
    expect(element.textContent).toBe("follows bo is followed by bo mirrors bo");
    updates.length = 0;
    await after(() => Promise.all([theirs.update({ x: 8 }), cid.update({ x: 9 })]));
    expect(updates).toEqual(["bo 8"]);
    await after(() => press?.unfollow());
    expect(element.textContent).toBe("follows  is followed by bo mirrors ");
    expect(theirs.value().followers).toEqual([]);
  });
});

describe("the sentence about who is typing", () => {
  const chat = { chat: "7" };
  const says = async (client: PresenceClient) => client.topic(typing, chat).heartbeat({ typing: true });

  test("names others, oneself never, and falls back by itself", async () => {
    const { show, after, advance, server, other, element } = page();
    function Chat() {
      usePresence(typing, chat, { typing: true });
      return useTyping(typing, chat) || "nobody";
    }
    await show(<Chat />);
    expect(element.textContent).toBe("nobody");
    await after(() => says(other));
    expect(element.textContent).toBe("bo is typing");
    await after(() => Promise.all([says(server.client({ user: "cid" })), says(server.client({ user: "cid" })), says(server.client({ user: "ann" }))]));
    expect(element.textContent).toBe("bo and cid are typing");
    await advance(typing.decays.typing ?? 0);
    expect(element.textContent).toBe("nobody");
  });

  test("is said in other words, of other fields, with other names", async () => {
    const { show, after, board: theirs, element } = page();
    function Drawing() {
      return useTyping(cursor, board, {
        when: ({ tool }) => tool === "pen",
        name: ({ value }) => value.label,
        messages: { one: (name) => `${name} zeichnet` },
      });
    }
    await after(() => theirs.heartbeat({ ...bo, tool: "pen" }));
    await show(<Drawing />);
    expect(element.textContent).toBe("Bo zeichnet");
  });
});

test("how busy somebody is, and oneself", async () => {
  const { show, after, advance, server, other, board: theirs, element } = page();
  function Activities() {
    usePresence(cursor, board, ann);
    return [useActivity(cursor, board), useActivity(cursor, board, "bo"), useActivity(cursor, board, "cid")].join();
  }
  await after(() => theirs.heartbeat(bo));
  await show(<Activities />);
  expect(element.textContent).toBe("active,active,");
  await after(() => server.page(other).turn("hide"));
  expect(element.textContent).toBe("active,away,");
  await advance(60_000);
  expect(element.textContent).toBe("idle,away,");
});
