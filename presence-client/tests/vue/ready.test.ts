// @vitest-environment happy-dom
/** Waiting in a Suspense until it is known who is there. */

import { Suspense, createSSRApp, defineComponent, h, ref } from "vue";
import { renderToString } from "vue/server-renderer";
import { expect, test, vi } from "vitest";
import { cursor } from "../../../generated/index.js";
import { presenceKey, useOthers, usePresence, useReady } from "../../src/vue/index.js";
import { ann, bo } from "../store/house.js";
import { page } from "./mount.js";

const Company = defineComponent({
  async setup() {
    const others = useOthers(cursor, { board: "42" }, (others) => others.map(({ value }) => value.label).join() || "alone");
    await useReady(cursor, { board: "42" });
    return () => others.value;
  },
});

const waits = () => h(Suspense, null, { default: () => h(Company), fallback: () => "loading" });

test("ends when somebody is seen", async () => {
  const { show, after, advance, board, element, server } = page();
  await after(() => board.heartbeat(bo));
  server.stop();
  await show(waits);
  await advance(5_000);
  expect(element.textContent).toBe("loading");
  server.start();
  const seen = new Set<string | null>();
  for (let step = 0; step < 100; step += 1) {
    await advance(100);
    seen.add(element.textContent);
  }
  expect(seen).toEqual(new Set(["loading", "Bo"]));
});

test("ends when the room is known to be empty, and the topic is looked at as long as it is painted", async () => {
  const { show, advance, element, said } = page();
  await show(waits);
  await advance(10_000);
  expect(element.textContent).toBe("alone");
  expect(said("subscribe")).toHaveLength(1);
  await show(() => null);
  await advance(10_000);
  expect(said("unsubscribe")).toHaveLength(1);
});

test("ends with a client that is closed", async () => {
  const { show, after, advance, client, element, server } = page();
  server.stop();
  await show(waits);
  expect(element.textContent).toBe("loading");
  await after(() => client.close());
  await advance(100);
  expect(element.textContent).toBe("alone");
});

test("is there with the own presence, which is announced meanwhile", async () => {
  const { show, advance, heard, element } = page();
  const Board = defineComponent({
    async setup() {
      const here = usePresence(cursor, { board: "42" }, ref(ann));
      const count = useOthers(here, (others) => others.length);
      await useReady(here);
      return () => count.value;
    },
  });
  await show(() => h(Suspense, null, { default: () => h(Board), fallback: () => "loading" }));
  await advance(1_000);
  expect(element.textContent).toBe("0");
  expect(heard).toEqual(["ann joins boards:42:cursors"]);
});

test("a server waits for nobody", async () => {
  const { client, said } = page();
  vi.stubGlobal("window", undefined);
  try {
    const app = createSSRApp({ render: waits });
    app.provide(presenceKey, client);
    expect(await renderToString(app)).toBe("alone");
    expect(said("subscribe")).toEqual([]);
  } finally {
    vi.unstubAllGlobals();
  }
});
