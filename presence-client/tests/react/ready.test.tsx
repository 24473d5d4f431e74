// @vitest-environment happy-dom
/** Waiting in a Suspense until it is known who is there. */

import { StrictMode, Suspense, act, startTransition, useEffect, useState } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { cursor } from "../../../generated/index.js";
import { PresenceProvider, useOthers, usePresence, useReady } from "../../src/react/index.js";
import { ann, bo } from "../store/house.js";
import { page } from "./mount.js";

function Company({ board = "42", painted }: { readonly board?: string; readonly painted?: string[] }) {
  useReady(cursor, { board });
  const text = useOthers(cursor, { board }, (others) => others.map(({ value }) => value.label).join() || "alone");
  painted?.push(text);
  return text;
}

const waits = (children: React.ReactNode) => <Suspense fallback="loading">{children}</Suspense>;

describe.each([{ strict: false }, { strict: true }])("waiting ($strict)", ({ strict }) => {
  test("ends when somebody is seen, and never paints an empty room before", async () => {
    const { show, board, after, advance, element, said } = page(["42"], { strict });
    await after(() => board.heartbeat(bo));
    const painted: string[] = [];
    await show(waits(<Company painted={painted} />));
    await advance(1_000);
    expect(element.textContent).toBe("Bo");
    expect(new Set(painted)).toEqual(new Set(["Bo"]));
    // Asked for once, however often it was rendered, and looked at as long as it is painted.
    await advance(10_000);
    expect(said("subscribe")).toHaveLength(1);
    await show(null);
    await advance(10_000);
    expect(said("unsubscribe")).toHaveLength(1);
  });

  test("ends when the room is known to be empty, and is not begun again by a lost connection", async () => {
    const { show, advance, server, element } = page(["42"], { strict });
    await show(waits(<Company />));
    await advance(1_000);
    expect(element.textContent).toBe("alone");
    server.restart();
    for (let step = 0; step < 100; step += 1) {
      await advance(100);
      expect(element.textContent).toBe("alone");
    }
  });

  test("is shown as long as nothing arrives", async () => {
    const { show, after, advance, server, board, element } = page(["42"], { strict });
    await after(() => board.heartbeat(bo));
    server.stop();
    await show(waits(<Company />));
    await advance(5_000);
    expect(element.textContent).toBe("loading");
    server.start();
    const seen: (string | null)[] = [];
    for (let step = 0; step < 100; step += 1) {
      await advance(100);
      seen.push(element.textContent);
    }
    // Who is first at a server that has forgotten everybody does not take it for empty.
    expect(new Set(seen)).toEqual(new Set(["loading", "Bo"]));
  });
});

test("two components wait for one subscription", async () => {
  const { show, advance, said, element } = page();
  await show(waits([<Company key="a" />, <Company key="b" />]));
  await advance(1_000);
  expect(element.textContent).toBe("alonealone");
  expect(said("subscribe")).toHaveLength(1);
});

test("ends with a client that is closed", async () => {
  const { show, after, client, server, element } = page();
  server.stop();
  await show(waits(<Company />));
  expect(element.textContent).toBe("loading");
  await after(() => client.close());
  expect(element.textContent).toBe("alone");
});

test("beside the own presence, and from board to board without hiding what is there", async () => {
  const { show, after, advance, element, board } = page(["1", "2"]);
  await after(() => board.heartbeat(bo));
  let go = () => {};
  let waited = 0;
  function Loading() {
    useEffect(() => {
      waited += 1;
    }, []);
    return "loading";
  }
  function Boards() {
    const [at, setAt] = useState("1");
    go = () => startTransition(() => setAt("2"));
    return <Suspense fallback={<Loading />}><Board at={at} /></Suspense>;
  }
  function Board({ at }: { readonly at: string }) {
    const here = usePresence(cursor, { board: at }, ann);
    useReady(here);
    return `${at}: ${useOthers(here, (others) => others.length)}`;
  }
  await show(<Boards />);
  await advance(1_000);
  expect(element.textContent).toBe("1: 1");
  expect(waited).toBe(1);
  await act(async () => go());
  await advance(1_000);
  expect(element.textContent).toBe("2: 0");
  expect(waited).toBe(1);
});

test("a server renders the fallback, and the page is brought to life from it", async () => {
  const { client, server, after, board, advance } = page();
  await after(() => board.heartbeat(bo));
  const tree = <StrictMode><PresenceProvider client={client}><p>{waits(<Company />)}</p></PresenceProvider></StrictMode>;
  const element = document.createElement("main");
  element.innerHTML = renderToString(tree);
  expect(element.textContent).toContain("loading");
  expect(server.members(board)).toHaveLength(1);
  const root = await act(async () => hydrateRoot(element, tree, { onRecoverableError: () => {} }));
  await advance(1_000);
  expect(element.textContent).toBe("Bo");
  act(() => root.unmount());
});
