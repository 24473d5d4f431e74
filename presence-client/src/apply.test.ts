import { describe, expect, test } from "vitest";
import { entry } from "../tests/fakes.js";
import { apply } from "./apply.js";
import type { Members, ViewEvent } from "./view.js";
import type { Changes, Snapshot } from "./wire.js";

const base = { topic: "t", nowMs: 99, counts: { members: 0, users: 0 } };
const snapshot = (entries: Snapshot["entries"], more: Partial<Snapshot> = {}): Snapshot => ({
  ...base,
  type: "snapshot",
  at: "e.1",
  entries,
  ...more,
});
const changes = (more: Partial<Changes>): Changes => ({ ...base, type: "changes", at: "e.2", ...more });

const none: Members = new Map();
const two = apply(none, [snapshot([entry("ann", 1), entry("bob", 2)])]).members;

function told(events: readonly ViewEvent[]): string[] {
  return events.map((event) => {
    const reason = event.type === "leave" ? ` ${event.reason}` : "";
    return `${event.type} ${event.member.user}${reason}`;
  });
}

describe("apply", () => {
  test("a first snapshot lets everybody join", () => {
    const { members, events } = apply(none, [snapshot([entry("ann", 1), entry("bob", 2)])]);
    expect([...members.keys()]).toEqual(["ann.session", "bob.session"]);
    expect(told(events)).toEqual(["join ann", "join bob"]);
    expect(members.get("ann.session")).not.toHaveProperty("version");
  });

  test("a new snapshot is told as the difference, and who did not change is the same object", () => {
    const next = snapshot([entry("ann", 1), entry("cid", 3)]);
    const { members, events } = apply(two, [next]);
    expect(told(events)).toEqual(["leave bob unseen", "join cid"]);
    expect(members.get("ann.session")).toBe(two.get("ann.session"));
  });

  test("a new snapshot with another value updates, with another clock only it does not", () => {
    const next = [entry("ann", 9), entry("bob", 2, { joinedMs: 1_000 })];
    const { members, events } = apply(two, [snapshot(next)]);
    expect(told(events)).toEqual(["update ann"]);
    expect(members.get("bob.session")?.joinedMs).toBe(1_000);
  });

  test("parts of a snapshot are one snapshot", () => {
    const first: Snapshot = { ...base, type: "snapshot", more: true, entries: [entry("ann", 1)] };
    const { members, events } = apply(two, [first, snapshot([entry("bob", 2)])]);
    expect(events).toEqual([]);
    expect([...members.values()]).toEqual([...two.values()]);
  });

  test("a member who moved on while a snapshot was told comes as it is now", () => {
    const moved = snapshot([entry("ann", 1)], { updated: [{ member: "ann.session", value: 7 }] });
    expect(apply(none, [moved]).members.get("ann.session")?.value).toBe(7);
  });

  test("left comes before joined", () => {
    const back = changes({
      left: [{ member: "ann.session", reason: "disconnected" }],
      joined: [entry("ann", 5, { joinedMs: 50 })],
    });
    const { members, events } = apply(two, [back]);
    expect(told(events)).toEqual(["leave ann disconnected", "join ann"]);
    expect([...members.keys()]).toEqual(["bob.session", "ann.session"]);
  });

  test("an update changes what it names and nothing else", () => {
    const { members, events } = apply(two, [
      changes({ updated: [{ member: "bob.session", activity: "away" }] }),
    ]);
    const before = two.get("bob.session");
    const member = members.get("bob.session");
    expect(member).toEqual({ ...before, activity: "away", updatedMs: 99 });
    expect(events).toEqual([{ type: "update", member, before }]);
  });

  test("null is a value", () => {
    const { members } = apply(two, [changes({ updated: [{ member: "bob.session", value: null }] })]);
    expect(members.get("bob.session")?.value).toBeNull();
  });

  test("strangers who leave or change are nobody's business", () => {
    const stranger = changes({
      left: [{ member: "zoe.session", reason: "left" }],
      updated: [{ member: "zoe.session", value: 1 }],
    });
    const { members, events } = apply(two, [stranger]);
    expect(events).toEqual([]);
    expect(members).toEqual(two);
  });

  test("what was known is not touched", () => {
    apply(two, [changes({ left: [{ member: "ann.session", reason: "left" }] })]);
    expect(two.size).toBe(2);
  });
});
