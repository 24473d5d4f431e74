/** Who somebody is and what they may do, before the real application and the server in memory. */

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hasApp, inMemory, inReality } from "./house.js";
import type { House } from "./house.js";
import { person, told } from "./wire.js";
import type { Message, Person, Wire } from "./wire.js";

const TOPIC = "boards:roadmap:cursors";
const value = { x: 1, y: 2, label: "here" };

describe("access: the server in memory", () => access(async () => inMemory()));
describe.skipIf(!hasApp)("access: the real application", () => access(inReality));

function access(make: () => Promise<House>): void {
  let house: House;

  beforeEach(async () => {
    house = await make();
  });
  afterEach(() => house.close());

  async function hello(session: Person | undefined, token?: string): Promise<readonly [Wire, Message]> {
    const wire = await house.subject.open();
    wire.say({ type: "hello", protocol: 1, ...(session && { session: session.key }), ...(token !== undefined && { token }) });
    return [wire, await wire.next()];
  }

  async function enter(user: string, session = person(user)): Promise<Wire> {
    const [wire] = await hello(session, await house.token(user));
    return wire;
  }

  test.each([["nothing", undefined], ["nonsense", "nonsense"]])("who shows %s is sent away with 4501", async (_, token) => {
    const [wire, refused] = await hello(person("stranger"), token);
    expect(refused).toMatchObject({ type: "error", error: { code: "unauthenticated" } });
    expect(await wire.closed()).toBe(4501);
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const { status, json, headers: answered } = await house.subject.ask(`${TOPIC}/value`, { headers });
    expect([status, json.error.code, answered.get("www-authenticate")]).toEqual([401, "unauthenticated", "Bearer"]);
    expect((await house.subject.ask("schemas/Cursor", { headers })).status).toBe(401);
  });

  test("a member is named by the user, and the token's time is told", async () => {
    const [wire, welcome] = await hello(person("tab"), await house.token("bob"));
    expect(welcome).toMatchObject({ type: "welcome", session: "tab", user: "bob" });
    expect(welcome["expiresInMs"]).toBeGreaterThan(3_590_000);
    expect(welcome["expiresInMs"]).toBeLessThanOrEqual(3_600_000);
    wire.say({ type: "heartbeat", topic: TOPIC, value, id: 1 });
    const { member } = await wire.next();
    expect(member).toMatch(/^bob\.[a-z2-7]{16}$/);
    const [, nobody] = await hello(undefined, await house.token("bob"));
    expect(nobody).toMatchObject({ session: null, user: "bob" });
  });

  test("what one may not read does not exist", async () => {
    const dan = await enter("dan");
    const refusals: unknown[] = [];
    for (const [id, topic] of [TOPIC, "boards:nothing:cursors", "nowhere:1"].entries()) {
      dan.say({ type: "subscribe", topic, id });
      const { error } = await dan.next();
      refusals.push(error);
      dan.say({ type: "heartbeat", topic, value, id });
      refusals.push((await dan.next())["error"]);
    }
    expect(new Set(refusals.map((it) => JSON.stringify(it))).size).toBe(1);
    expect(refusals[0]).toMatchObject({ code: "forbidden" });
    dan.say({ type: "subscribe", topic: "boards::cursors", id: 9 });
    expect(await dan.next()).toMatchObject({ error: { code: "invalid_topic" } });
  });

  test("who may look on may not be there", async () => {
    const cleo = await enter("cleo");
    cleo.say({ type: "subscribe", topic: TOPIC });
    expect(await cleo.next()).toMatchObject({ type: "snapshot" });
    cleo.say({ type: "heartbeat", topic: TOPIC, value, id: 1 });
    const { error } = await cleo.next();
    expect(error).toMatchObject({ code: "forbidden", message: expect.stringContaining("not be in it yourself") });
  });

  test("what changes takes effect on open connections", async () => {
    const [bob, cleo] = [await enter("bob"), await enter("cleo")];
    // The application has a member of its own there.
    cleo.say({ type: "subscribe", topic: TOPIC, filter: { users: ["bob"] } });
    await cleo.next();
    bob.say({ type: "heartbeat", topic: TOPIC, value, id: 1 });
    expect(await bob.next()).toMatchObject({ change: "joined" });
    expect(await cleo.next()).toMatchObject({ joined: [{ user: "bob" }] });

    await house.appoint("bob", "viewer");
    expect(await bob.next()).toEqual({ type: "gone", topic: TOPIC, reason: "kicked" });
    expect(await cleo.next()).toMatchObject({ left: [{ reason: "kicked" }] });
    bob.say({ type: "heartbeat", topic: TOPIC, value, id: 2 });
    expect(await bob.next()).toMatchObject({ id: 2, error: { code: "forbidden" } });
    await house.appoint("bob", "editor");
    await house.subject.wait(50);
    bob.say({ type: "heartbeat", topic: TOPIC, value, id: 3 });
    expect(await bob.next()).toMatchObject({ id: 3, change: "joined" });
    expect(await cleo.next()).toMatchObject({ joined: [{ user: "bob" }] });

    await house.appoint("cleo", null);
    expect(await cleo.next()).toMatchObject({ type: "ended", topic: TOPIC, error: { code: "forbidden" } });
    cleo.say({ type: "subscribe", topic: TOPIC, id: 4 });
    expect(await cleo.next()).toMatchObject({ id: 4, error: { code: "forbidden" } });
  });

  test("who is kicked is told, and stays away for a minute, with any session", async () => {
    const bob = await enter("bob");
    bob.say({ type: "heartbeat", topic: TOPIC, value, id: 1 });
    await bob.next();
    await house.kick("bob");
    expect(await bob.next()).toEqual({ type: "gone", topic: TOPIC, reason: "kicked" });
    const other = await enter("bob", person("other"));
    for (const wire of [bob, other]) {
      wire.say({ type: "heartbeat", topic: TOPIC, value, id: 2 });
      const { error } = await wire.next();
      expect(error.code).toBe("kicked");
      expect(error.retryAfterMs).toBeGreaterThan(50_000);
      expect(error.retryAfterMs).toBeLessThanOrEqual(60_000);
    }
  });

  test("another token of the same user is taken, another user's is not", async () => {
    const bob = await enter("bob");
    bob.say({ type: "heartbeat", topic: TOPIC, value, id: 1 });
    await bob.next();
    bob.say({ type: "token", token: await house.token("bob"), id: 2 });
    expect(await bob.next()).toEqual({ type: "ok", id: 2 });
    bob.say({ type: "token", token: await house.token("ann"), id: 3 });
    expect(await bob.next()).toMatchObject({ id: 3, error: { code: "forbidden" } });
    bob.say({ type: "token", token: "nonsense", id: 4 });
    expect(await bob.next()).toMatchObject({ id: 4, error: { code: "unauthenticated" } });
    bob.say({ type: "heartbeat", topic: TOPIC, id: 5 });
    expect(await bob.next()).toMatchObject({ id: 5, change: "renewed" });
  });

  test("a session that is another user's is taken", async () => {
    const tab = person("tab");
    const bob = await enter("bob", tab);
    bob.say({ type: "heartbeat", topic: TOPIC, value, id: 1 });
    await bob.next();
    const ann = await enter("ann", tab);
    ann.say({ type: "heartbeat", topic: TOPIC, value, id: 2 });
    expect(await ann.next()).toMatchObject({ id: 2, error: { code: "session_taken" } });
    ann.say({ type: "leave", topic: TOPIC, id: 3 });
    expect(await ann.next()).toMatchObject({ id: 3, error: { code: "session_taken" } });
    bob.say({ type: "heartbeat", topic: TOPIC, id: 4 });
    expect(await bob.next()).toMatchObject({ id: 4, change: "renewed" });
  });

  test("over HTTP the same holds, and lists tell of what one may read", async () => {
    const post = async (user: string, body: object) => {
      const headers = { authorization: `Bearer ${await house.token(user)}`, "presence-session": person(user).key };
      const { status, json } = await house.subject.ask(`${TOPIC}/heartbeat`, { method: "POST", headers, body });
      return [status, json.change ?? json.error.code];
    };
    expect(await post("bob", { value })).toEqual([200, "joined"]);
    expect(await post("cleo", { value })).toEqual([403, "forbidden"]);
    expect(await post("dan", { value })).toEqual([403, "forbidden"]);
    const ask = async (user: string, path: string) => {
      const headers = { authorization: `Bearer ${await house.token(user)}` };
      return told((await house.subject.ask(path, { headers })).json);
    };
    expect(await ask("cleo", "topics")).toMatchObject({ topics: [{ topic: TOPIC }] });
    expect(await ask("dan", "topics")).toEqual({ topics: [] });
    expect(await ask("cleo", "users/bob")).toMatchObject({ user: "bob", topics: [{ topic: TOPIC, members: [{ user: "bob" }] }] });
    expect(await ask("dan", "users/bob")).toMatchObject({ user: "bob", topics: [] });
    expect(await ask("dan", `${TOPIC}/value`)).toMatchObject({ error: { code: "forbidden" } });
  });
}
