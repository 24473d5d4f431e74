/** A page with React, painted when a test says so. */

import type { PresenceClient } from "presence-client";
import type { TestServer } from "presence-client/testing";
import { PresenceProvider } from "presence-client/react";
import { StrictMode, act } from "react";
import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import { afterEach } from "vitest";
import { SOON_MS } from "./house.js";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
const roots = new Set<Root>();
afterEach(() => act(() => roots.forEach((it) => it.unmount())));

/** The page of a client, as in development. */
export function paint(server: TestServer, client: PresenceClient) {
  const element = document.body.appendChild(document.createElement("main"));
  const root = createRoot(element);
  roots.add(root);
  const after = (run: () => unknown, ms = SOON_MS) =>
    act(async () => {
      await run();
      await server.advance(ms);
    });
  return {
    element,
    after,
    show: (children: ReactNode) =>
      after(() => root.render(<StrictMode><PresenceProvider client={client}>{children}</PresenceProvider></StrictMode>)),
  };
}
