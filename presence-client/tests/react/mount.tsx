/** A page with React, painted when a test says so. */

import { StrictMode, act } from "react";
import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import { afterEach } from "vitest";
import { PresenceProvider } from "../../src/react/index.js";
import { house } from "../store/house.js";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

/** So long everything takes, and not so long as a component may be gone. */
const SOON_MS = 150;
const roots = new Set<Root>();
afterEach(() => act(() => roots.forEach((it) => it.unmount())));

/** A page of Ann's in a house; `strict` as in development. */
export function page(boards?: readonly string[], { strict = false } = {}) {
  const home = house(boards);
  const element = document.createElement("main");
  const root = createRoot(element);
  roots.add(root);
  const wrap = (children: ReactNode) => {
    const tree = <PresenceProvider client={home.client}>{children}</PresenceProvider>;
    return strict ? <StrictMode>{tree}</StrictMode> : tree;
  };
  return {
    ...home,
    element,
    get text() {
      return element.textContent;
    },
    /** Paints this, and lets everything arrive that it brings about, but for what waits a moment. */
    async show(children: ReactNode) {
      await act(async () => root.render(wrap(children)));
      await act(() => home.server.advance(SOON_MS));
    },
    /** Does something, and lets everything arrive. */
    async after(run: () => unknown) {
      await act(async () => {
        await run();
        await home.server.advance(SOON_MS);
      });
    },
    advance: (ms: number) => act(() => home.server.advance(ms)),
  };
}
