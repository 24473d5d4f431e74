// @vitest-environment happy-dom
/** Grove's examples in TypeScript and React. */

import type { Member, UserId } from "presence-client";
import { describe, expect, test } from "vitest";
import { editor } from "../generated/index.js";
import type { Editor } from "../generated/index.js";
import { edit } from "../src/grove/client.js";
import { ActiveUsers } from "../src/grove/document.js";
import { CollaborativeEditor } from "../src/grove/editor.js";
import { onAny, onPeers, peer, peers } from "../src/grove/store.js";
import { SOON_MS, house } from "./house.js";
import { paint } from "./react.js";

const alice = { name: "Alice", cursor: { x: 120, y: 340 } };
const nobody = () => {};
const names = (editors: readonly Member<Editor>[]) => editors.map(({ value }) => value.name);

describe("being at a document", () => {
  test("everybody who looks is told of every change", async () => {
    const { server, enter } = house();
    const seen: Record<string, string[]> = { bo: [], cid: [], dan: [] };
    for (const [user, log] of Object.entries(seen)) {
      enter(user).topic(editor, { document: "doc-1" }).onChange(({ others }) => log.push(names(others).join()));
    }
    const { here } = edit(enter("alice"), "doc-1", alice, nobody);
    await server.advance(SOON_MS);
    await here.leave();
    await server.advance(SOON_MS);
    for (const log of Object.values(seen)) expect(log.slice(-2)).toEqual(["Alice", ""]);
  });

  test("a part of the value leaves the rest as it was", async () => {
    const { server, enter } = house();
    const { here } = edit(enter("alice"), "doc-1", alice, nobody);
    here.update({ isTyping: true });
    await server.advance(SOON_MS);
    expect(server.members("documents:doc-1")).toMatchObject([{ value: { ...alice, isTyping: true } }]);
  });

  test("who does not leave and is cut off is gone after the grace, without a parameter that could be forgotten", async () => {
    const { server, enter } = house();
    const left: string[] = [];
    enter("bo").topic(editor, { document: "doc-1" }).onLeave(({ user }, reason) => left.push(`${user}: ${reason}`));
    const client = enter("alice");
    edit(client, "doc-1", alice, nobody);
    await server.advance(SOON_MS);
    server.cut(client);
    await server.advance(editor.graceMs - 1);
    expect(left).toEqual([]);
    await server.advance(2);
    expect(left).toEqual(["alice: disconnected"]);
  });

  test("a connection that breaks and comes back is seen by nobody", async () => {
    const { server, enter } = house();
    const told: string[] = [];
    const document = enter("bo").topic(editor, { document: "doc-1" });
    document.onJoin(({ user }) => told.push(`${user} joins`));
    document.onLeave(({ user }) => told.push(`${user} leaves`));
    const client = enter("alice");
    edit(client, "doc-1", alice, nobody);
    await server.advance(SOON_MS);
    for (let i = 0; i < 5; i += 1) {
      server.disconnect(client);
      await server.advance(60_000);
    }
    expect(told).toEqual(["alice joins"]);
    expect(server.members("documents:doc-1")).toHaveLength(1);
  });

  test("heartbeats are told to nobody", async () => {
    const { server, enter } = house();
    let calls = 0;
    edit(enter("alice", { transport: "sse" }), "doc-1", alice, nobody);
    await server.advance(SOON_MS);
    enter("bo").topic(editor, { document: "doc-1" }).onChange(() => (calls += 1));
    await server.advance(SOON_MS);
    const before = calls;
    // Over HTTP she says every ten seconds that she is still there.
    await server.advance(50_000);
    expect(server.members("documents:doc-1")).toHaveLength(1);
    expect(calls).toBe(before);
  });

  test("all documents are left at once", async () => {
    const { server, enter } = house();
    const client = enter("alice");
    edit(client, "doc-1", alice, nobody);
    edit(client, "doc-2", alice, nobody);
    await server.advance(SOON_MS);
    expect([...server.members("documents:doc-1"), ...server.members("documents:doc-2")]).toHaveLength(2);
    await client.leaveAll();
    expect([...server.members("documents:doc-1"), ...server.members("documents:doc-2")]).toEqual([]);
  });
});

describe("what is known here", () => {
  test("who comes late sees at once who is there", async () => {
    const { server, enter } = house();
    edit(enter("alice"), "doc-1", alice, nobody);
    await server.advance(SOON_MS);
    const document = enter("bo").topic(editor, { document: "doc-1" });
    onPeers(document, () => {});
    await server.settle();
    expect(names(peers(document))).toEqual(["Alice"]);
    expect(peer(document, "alice" as UserId)?.members[0]?.value.cursor).toEqual(alice.cursor);
  });

  test("it is the same object while nothing of it changes", async () => {
    const { server, enter } = house();
    edit(enter("alice"), "doc-1", alice, nobody);
    const document = enter("bo").topic(editor, { document: "doc-1" });
    onPeers(document, () => {});
    await server.settle();
    const before = peers(document);
    document.heartbeat({ name: "Bo" });
    await server.advance(5_000);
    expect([before.length, document.value().self?.value.name]).toEqual([1, "Bo"]);
    expect(peers(document)).toBe(before);
  });

  test("one is told of the documents that one looks at, and of no other", async () => {
    const { server, enter } = house();
    const told = new Set<string>();
    const client = enter("bo");
    client.topic(editor, { document: "doc-1" });
    onAny(client, (topic) => told.add(topic));
    const { here } = edit(enter("alice"), "doc-1", alice, nobody);
    const { here: elsewhere } = edit(enter("cid"), "doc-2", { name: "Cid" }, nobody);
    await server.advance(SOON_MS);
    here.update({ cursor: null });
    elsewhere.update({ cursor: null });
    await server.advance(SOON_MS);
    expect([...told]).toEqual(["documents:doc-1"]);
  });
});

describe("in React", () => {
  test("a text says who is typing, until they are not, whether or not they say so", async () => {
    const { server, enter } = house();
    const [bo, page] = [enter("bo"), paint(server, enter("alice"))];
    await page.show(<CollaborativeEditor document="doc-1" name="Alice" />);
    const theirs = bo.topic(editor, { document: "doc-1" });
    theirs.onChange(() => {});
    await page.after(() => theirs.heartbeat({ name: "Bo", isTyping: true }));
    expect(page.element.textContent).toBe("Bo is typing…");
    await page.after(() => {}, 3_000);
    expect(page.element.textContent).toBe("Bo ");

    const text = page.element.querySelector("textarea");
    await page.after(() => text?.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true })));
    expect(theirs.value().others[0]?.value).toMatchObject({ name: "Alice", isTyping: true });
    await page.after(() => text?.dispatchEvent(new FocusEvent("focusout", { bubbles: true })));
    expect(theirs.value().others[0]?.value).toMatchObject({ name: "Alice", isTyping: false });
  });

  test("a component that goes takes its member along, and painting it twice is seen by nobody", async () => {
    const { server, enter } = house();
    const told: string[] = [];
    const theirs = enter("bo").topic(editor, { document: "doc-1" });
    theirs.onJoin(({ value }) => told.push(`${value.name} joins`));
    theirs.onLeave(({ value }, reason) => told.push(`${value.name} leaves: ${reason}`));
    const page = paint(server, enter("alice"));
    await page.show(<CollaborativeEditor document="doc-1" name="Alice" />);
    await page.show(<CollaborativeEditor document="doc-1" name="Alice" />);
    await page.show(null);
    await page.after(() => {}, 1_000);
    expect(told).toEqual(["Alice joins", "Alice leaves: left"]);
  });

  test("those at a document have their colours, and no other than colours", async () => {
    const { server, enter } = house();
    const page = paint(server, enter("bo"));
    await page.show(<ActiveUsers document="doc-1" me={{ name: "Bo", color: "#f59e0b" }} />);
    const theirs = enter("alice").topic(editor, { document: "doc-1" });
    await page.after(() => theirs.heartbeat({ name: "Alice", color: "#3b82f6" }));
    const [span] = page.element.querySelectorAll("span");
    expect([span?.textContent, span?.style.color]).toEqual(["Alice", "#3b82f6"]);
    expect(() => theirs.update({ color: "url(evil)" })).toThrow("color");
  });
});
