/** A page with Vue, painted when a test says so. */

import { createApp, h, nextTick, shallowRef } from "vue";
import type { App, Component, VNodeChild } from "vue";
import { afterEach } from "vitest";
import { PresenceProvider } from "../../src/vue/index.js";
import { house } from "../store/house.js";

const apps = new Set<App>();
afterEach(() => {
  for (const it of apps) it.unmount();
  apps.clear();
});

/** So long everything takes, and not so long as a component may be gone. */
const SOON_MS = 150;

/** A page of Ann's in a house. */
export function page(boards?: readonly string[]) {
  const home = house(boards);
  const element = document.createElement("main");
  const shown = shallowRef<() => VNodeChild>(() => null);
  const errors: unknown[] = [];
  const app = createApp(() => h(PresenceProvider, { client: home.client }, { default: () => shown.value() }));
  app.config.errorHandler = (error) => void errors.push(error);
  app.mount(element);
  apps.add(app);
  const soon = async () => {
    await nextTick();
    await home.server.advance(SOON_MS);
    await nextTick();
  };
  return {
    ...home,
    element,
    errors,
    /** Paints this, and lets everything arrive that it brings about, but for what waits a moment. */
    async show(render: () => VNodeChild) {
      shown.value = render;
      await soon();
    },
    /** Does something, and lets everything arrive. */
    async after(run: () => unknown) {
      await run();
      await soon();
    },
    async advance(ms: number) {
      await home.server.advance(ms);
      await nextTick();
    },
  };
}

/** A component that says what a composable gives, and how often it was rendered. */
export function counted(use: () => { readonly value: unknown }) {
  let renders = 0;
  const Shows: Component = {
    setup() {
      const it = use();
      return () => {
        renders += 1;
        return JSON.stringify(it.value) ?? "nothing";
      };
    },
  };
  return {
    Shows,
    get renders() {
      return renders;
    },
  };
}
