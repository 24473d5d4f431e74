import { expect, test } from "vitest";
import { FakeStorage, World } from "../tests/fakes.js";
import type { Locks } from "./environment.js";
import { Session } from "./session.js";

/** Locks of a browser with several tabs. */
function tabLocks(): Locks & { readonly held: Set<string> } {
  const held = new Set<string>();
  return {
    held,
    take: async (name) => {
      if (held.has(name)) return undefined;
      held.add(name);
      return () => void held.delete(name);
    },
  };
}

test("a key is 32 hex digits, and no other session has it", async () => {
  const keys = await Promise.all(
    [1, 2, 3].map(async () => (await Session.claim(new World().environment, "s")).key),
  );
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(keys).size).toBe(3);
});

test("n grows by one, and after a reload it goes on above everything used before", async () => {
  const { environment } = new World();
  const session = await Session.claim(environment, "s");
  const used = Array.from({ length: 1_000 }, () => session.next());
  expect(used).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));

  const reloaded = await Session.claim(environment, "s");
  expect(reloaded.key).toBe(session.key);
  expect(reloaded.next()).toBeGreaterThan(1_000);
});

test("storage is not written for every message", async () => {
  const storage = new FakeStorage();
  let writes = 0;
  const counting = {
    getItem: (key: string) => storage.getItem(key),
    setItem: (key: string, value: string) => {
      writes += 1;
      storage.setItem(key, value);
    },
  };
  const session = await Session.claim(new World({ storage: counting }).environment, "s");
  for (let i = 0; i < 1_000; i += 1) session.next();
  expect(writes).toBeLessThan(10);
});

test("a duplicated tab takes a key of its own and keeps it", async () => {
  const locks = tabLocks();
  const { environment, storage } = new World({ locks });
  const first = await Session.claim(environment, "s");

  const copied = new FakeStorage();
  for (const [key, value] of storage.items) copied.setItem(key, value);
  const tab = { ...environment, storage: copied };
  const second = await Session.claim(tab, "s");
  expect(second.key).not.toBe(first.key);

  second.release();
  expect((await Session.claim(tab, "s")).key).toBe(second.key);
});

test("a reload finds the lock free and keeps the key", async () => {
  const locks = tabLocks();
  const { environment } = new World({ locks });
  const session = await Session.claim(environment, "s");
  session.release();
  expect((await Session.claim(environment, "s")).key).toBe(session.key);
  expect(locks.held.size).toBe(1);
});

test("storage that is broken or forbidden is as good as none", async () => {
  const refuse = () => {
    throw new Error("forbidden");
  };
  const broken = new World({ storage: { getItem: refuse, setItem: refuse } });
  const session = await Session.claim(broken.environment, "s");
  expect([session.next(), session.next()]).toEqual([1, 2]);

  const odd = new World();
  odd.storage.setItem("s", "not a session");
  expect((await Session.claim(odd.environment, "s")).key).toMatch(/^[0-9a-f]{32}$/);
});
