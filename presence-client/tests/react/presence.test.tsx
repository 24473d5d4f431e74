// @vitest-environment happy-dom
/** Being in a topic by React: once, as long as any component wants it, and nobody sees how components come and go. */

import { Component, Suspense, createElement, useState, version } from "react";
import type { ReactNode } from "react";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { cursor } from "../../../generated/index.js";
import { PresenceError } from "../../src/index.js";
import { PresenceProvider, usePresence, useSelf } from "../../src/react/index.js";
import type { Presence } from "../../src/react/index.js";
import { ann } from "../store/house.js";
import { page } from "./mount.js";

const TOPIC = "boards:42:cursors";

function Here({ board = "42", value = ann }: { readonly board?: string; readonly value?: typeof ann }) {
  const presence = usePresence(cursor, { board }, value);
  return <p>{useSelf(presence, (self) => self?.value.label)}</p>;
}

test("runs with the React it is meant for", ({ task }) => {
  const name = task.file.projectName;
  expect(version).toMatch(name === "react18" ? /^18\./ : /^19\./);
});

describe.each([{ strict: false }, { strict: true }])("being there ($strict)", ({ strict }) => {
  test("is announced once by two components, and ends with the last", async () => {
    const { show, said, heard, advance, server } = page(["42"], { strict });
    await show([<Here key="a" />, <Here key="b" value={{ ...ann, label: "Second" }} />]);
    expect(said("heartbeat")).toMatchObject([{ topic: TOPIC, value: ann }]);
    expect(heard).toEqual([`ann joins ${TOPIC}`]);

    await show([<Here key="b" />]);
    await advance(1_000);
    expect(said("leave")).toEqual([]);
    expect(server.members(TOPIC)).toHaveLength(1);

    await show(null);
    await advance(1_000);
    expect(said("heartbeat")).toHaveLength(1);
    expect(said("leave")).toHaveLength(1);
    expect(heard).toEqual([`ann joins ${TOPIC}`, `ann leaves ${TOPIC}: left`]);
  });

  test("goes on where a component is mounted anew", async () => {
    const { show, said, heard, advance } = page(["42"], { strict });
    await show(<Here key="a" />);
    // Another key is another component: one goes and the other comes.
    await show(<Here key="b" />);
    await show(<Here key="c" />);
    await advance(1_000);
    expect(said("leave")).toEqual([]);
    expect(said("heartbeat")).toHaveLength(1);
    expect(heard).toEqual([`ann joins ${TOPIC}`]);
  });

  test("moves where the parameters are others", async () => {
    const { show, heard, advance, server } = page(["1", "2"], { strict });
    await show(<Here board="1" />);
    await show(<Here board="2" value={{ ...ann, label: "Two" }} />);
    await advance(1_000);
    expect(heard).toEqual(["ann joins boards:1:cursors", "ann joins boards:2:cursors", "ann leaves boards:1:cursors: left"]);
    expect(server.members("boards:2:cursors")).toMatchObject([{ value: { label: "Two" } }]);
  });

  test("stays through a moment elsewhere and back", async () => {
    const { show, heard, advance } = page(["1", "2"], { strict });
    await show(<Here board="1" />);
    await show(<Here board="2" />);
    await show(<Here board="1" />);
    await advance(1_000);
    expect(heard).not.toContain("ann leaves boards:1:cursors: left");
    expect(heard).toContain("ann leaves boards:2:cursors: left");
  });
});

test("what is returned is the same object while the topic is, and needs no `this`", async () => {
  const { show, after, server } = page(["1", "2"]);
  const seen: Presence<typeof cursor>[] = [];
  function Board({ board, n }: { readonly board: string; readonly n: number }) {
    seen.push(usePresence(cursor, { board }, { ...ann, x: n }));
    return null;
  }
  await show(<Board board="1" n={1} />);
  await show(<Board board="1" n={2} />);
  expect(new Set(seen).size).toBe(1);
  const [first] = seen;
  if (!first) throw new Error("was rendered");
  const { update, leave, value, name } = first;
  expect(name).toBe("boards:1:cursors");
  await after(() => update({ label: "Anna" }));
  expect(server.members(name)).toMatchObject([{ value: { x: 1, label: "Anna" } }]);
  expect(value().self?.value.label).toBe("Anna");
  await after(() => leave());
  expect(server.members(name)).toEqual([]);
  expect(() => update({ x: 3 })).toThrow(PresenceError);
  await show(<Board board="2" n={2} />);
  expect(new Set(seen).size).toBe(2);
});

test("without a first value one is there with the first heartbeat", async () => {
  const { show, after, said, server, advance } = page();
  let board: Presence<typeof cursor> | undefined;
  function Board() {
    board = usePresence(cursor, { board: "42" });
    return null;
  }
  await show(<Board />);
  expect(said("heartbeat")).toEqual([]);
  await after(() => board?.heartbeat(ann));
  expect(server.members(TOPIC)).toHaveLength(1);
  await show(null);
  await advance(1_000);
  expect(server.members(TOPIC)).toEqual([]);
});

test("a first value that comes later begins then", async () => {
  const { show, server } = page();
  function Board({ value }: { readonly value?: typeof ann }) {
    usePresence(cursor, { board: "42" }, value);
    return null;
  }
  await show(<Board />);
  expect(server.members(TOPIC)).toEqual([]);
  await show(<Board value={ann} />);
  expect(server.members(TOPIC)).toHaveLength(1);
});

test("what is said by a component that is gone does not keep the member there", async () => {
  const { show, after, server, advance } = page();
  let board: Presence<typeof cursor> | undefined;
  function Board() {
    board = usePresence(cursor, { board: "42" }, ann);
    return null;
  }
  await show(<Board />);
  await show(null);
  await advance(1_000);
  await after(() => board?.heartbeat(ann));
  await advance(1_000);
  expect(server.members(TOPIC)).toEqual([]);
});

test("a client that is another takes over, and the member of the one before leaves", async () => {
  const { element: _, show, server, heard, advance } = page();
  const cid = server.client({ user: "cid" });
  await show(<Here />);
  await show(<PresenceProvider client={cid}><Here value={{ ...ann, label: "Cid" }} /></PresenceProvider>);
  await advance(1_000);
  expect(heard).toEqual([`ann joins ${TOPIC}`, `cid joins ${TOPIC}`, `ann leaves ${TOPIC}: left`]);
});

test("a component that is suspended and comes back is there all the while", async () => {
  const { show, said, heard, advance, after, element } = page();
  let wake = () => {};
  let loaded = false;
  const load = new Promise<void>((resolve) => {
    wake = () => {
      loaded = true;
      resolve();
    };
  });
  function Slow() {
    if (!loaded) throw load;
    return "loaded";
  }
  let open: (() => void) | undefined;
  function Board() {
    const [slow, setSlow] = useState(false);
    open = () => setSlow(true);
    return [<Here key="here" />, slow && <Slow key="slow" />];
  }
  await show(<Suspense fallback="loading"><Board /></Suspense>);
  await after(() => open?.());
  expect(element.textContent).toContain("loading");
  await advance(5_000);
  await after(() => wake());
  expect(element.textContent).toBe("Annloaded");
  expect(said("leave")).toEqual([]);
  expect(said("heartbeat")).toHaveLength(1);
  expect(heard).toEqual([`ann joins ${TOPIC}`]);
});

// In development React 18 hands errors through events of the page, which the simulated one does not do.
describe.skipIf(version.startsWith("18"))("mistakes of the programmer", () => {
  class Boundary extends Component<{ readonly children: ReactNode }, { readonly error?: unknown }> {
    override state: { readonly error?: unknown } = {};
    static getDerivedStateFromError = (error: unknown) => ({ error });
    override render = () => (this.state.error === undefined ? this.props.children : String(this.state.error));
  }
  const caught = async (children: ReactNode, within = page()) => {
    const errors = vi.spyOn(console, "error").mockImplementation(() => {});
    onTestFinished(() => errors.mockRestore());
    await within.show(<Boundary>{children}</Boundary>);
    return within.text;
  };

  test("reach the error boundary: a first value that cannot be sent", async () => {
    expect(await caught(<Here value={{ ...ann, x: -1 }} />)).toMatch(/x/);
  });

  test("reach the error boundary: a parameter that is no segment of a topic", async () => {
    expect(await caught(<Here board="a b" />)).toContain("`board` of `boards:{board}:cursors`");
  });

  test("reach the error boundary: no provider", async () => {
    const nobody = null as unknown as Parameters<typeof PresenceProvider>[0]["client"];
    expect(await caught(createElement(PresenceProvider, { client: nobody }, <Here />))).toContain("<PresenceProvider client=");
  });
});
