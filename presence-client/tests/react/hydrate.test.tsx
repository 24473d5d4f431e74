// @vitest-environment happy-dom
/** A page that a server rendered is brought to life: first as the server saw it, then as it is. */

import { act } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { expect, test, vi } from "vitest";
import { cursor } from "../../../generated/index.js";
import { PresenceProvider, useOthers, usePresence, useStatus } from "../../src/react/index.js";
import { ann, bo } from "../store/house.js";
import { page } from "./mount.js";

test("without a mismatch, also where the client knows more already", async () => {
  const { server, client, board: theirs, said, after } = page();
  const painted: string[] = [];
  function Board() {
    const board = usePresence(cursor, { board: "42" }, ann);
    const text = `${useStatus(board).state}: ${useOthers(board, (others) => others.map(({ user }) => user))}`;
    painted.push(text);
    return <p>{text}</p>;
  }
  const tree = <PresenceProvider client={client}><Board /></PresenceProvider>;
  await after(() => theirs.heartbeat(bo));
  client.topic(cursor, { board: "42" }).onChange(() => {});
  await after(() => {});
  expect(client.topic(cursor, { board: "42" }).value().others).toHaveLength(1);

  const element = document.createElement("main");
  element.innerHTML = renderToString(tree);
  expect(element.textContent).toBe("connecting: ");
  painted.length = 0;
  const errors = vi.spyOn(console, "error");
  const recoverable = vi.fn();
  const root = await act(async () => hydrateRoot(element, tree, { onRecoverableError: recoverable }));
  await act(() => server.advance(100));
  expect(painted[0]).toBe("connecting: ");
  expect(element.textContent).toBe("live: bo");
  expect(recoverable).not.toHaveBeenCalled();
  expect(errors).not.toHaveBeenCalled();
  expect(said("heartbeat")).toHaveLength(1);
  errors.mockRestore();
  act(() => root.unmount());
});
