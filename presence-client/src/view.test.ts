import { describe, expect, test } from "vitest";
import { entry } from "../tests/fakes.js";
import { apply } from "./apply.js";
import { compose } from "./view.js";
import type { Members, View } from "./view.js";
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

describe("compose", () => {
  const sight = { own: undefined, self: null, status: "live", error: null, asOf: null, counts: undefined, following: [] } as const;
  const look = (before: View | undefined, members: Members) =>
    compose(before, { ...sight, members });

  test("nothing changed, so it is the same view", () => {
    const view = look(undefined, two);
    expect(look(view, new Map(two))).toBe(view);
  });

  test("a change of one leaves the others and their users the same objects", () => {
    const view = look(undefined, two);
    const next = look(
      view,
      apply(two, [changes({ updated: [{ member: "bob.session", value: 3 }] })]).members,
    );
    expect(next).not.toBe(view);
    expect(next.others[0]).toBe(view.others[0]);
    expect(next.users[0]).toBe(view.users[0]);
    expect(next.users[1]).not.toBe(view.users[1]);
  });

  test("a change of status keeps the lists", () => {
    const view = look(undefined, two);
    const stale = compose(view, { ...sight, members: two, status: "stale" });
    expect(stale.status).toBe("stale");
    expect(stale.members).toBe(view.members);
    expect(stale.users).toBe(view.users);
  });

  test("members of one user are one user, as busy as the busiest", () => {
    const tabs = [
      entry("ann", 1, { member: "ann.1", activity: "away" }),
      entry("bob", 2),
      entry("ann", 3, { member: "ann.2", activity: "idle" }),
    ];
    const view = look(undefined, apply(none, [snapshot(tabs)]).members);
    expect(view.counts).toEqual({ members: 3, users: 2 });
    expect(view.users.map((it) => [it.user, it.activity, it.members.length])).toEqual([
      ["ann", "idle", 2],
      ["bob", "active", 1],
    ]);
  });

  test("oneself stands at one's place among the members and not among the others", () => {
    const known = two.get("ann.session");
    const self = known ? { ...known, value: "mine" } : null;
    const view = compose(undefined, { ...sight, members: two, own: { member: "ann.session", user: "ann" }, self });
    expect(view.others.map((it) => it.user)).toEqual(["bob"]);
    expect(view.members.map((it) => it.value)).toEqual(["mine", 2]);
  });

  test("oneself is there before the server has said so", () => {
    const self = { ...entry("me", 1), member: "me.session" };
    const view = compose(undefined, { ...sight, members: two, own: { member: "me.session", user: "me" }, self });
    expect(view.members.map((it) => it.user)).toEqual(["ann", "bob", "me"]);
    expect(view.counts.members).toBe(3);
  });
});
