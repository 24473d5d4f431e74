// @vitest-environment node
/** On a server a page is rendered as nobody is there yet: nothing is opened, timed, or remembered. */

import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { expect, test, vi } from "vitest";
import { cursor } from "../../../generated/index.js";
import { PresenceClient } from "../../src/index.js";
import { PresenceProvider, useActivity, useFollow, useOnJoin, useOthers, usePresence, useSelf, useStatus, useTyping, useUsers } from "../../src/react/index.js";

function Board() {
  const board = usePresence(cursor, { board: "42" }, { x: 1, y: 2, label: "Ann" });
  useOnJoin(board, () => {});
  const { following } = useFollow(board);
  return (
    <p>
      {JSON.stringify({
        others: useOthers(board, (others) => others.length),
        users: useUsers(cursor, { board: "42" }),
        self: useSelf(board),
        state: useStatus(board).state,
        client: useStatus().state,
        activity: useActivity(board),
        typing: useTyping(board),
        only: useOthers(board.only("following")),
        following,
      })}
    </p>
  );
}

test("rendering opens nothing", () => {
  const touched: string[] = [];
  const touch = (name: string) => () => {
    touched.push(name);
    throw new Error(`${name} on a server`);
  };
  const environment = { connect: touch("connect"), fetch: touch("fetch"), setTimeout: touch("setTimeout"), newKey: touch("newKey"), report: touch("report") };
  const client = new PresenceClient({ url: "/presence", environment });
  const topic = vi.spyOn(client, "topic");
  const html = renderToString(createElement(PresenceProvider, { client }, <Board />)).replaceAll("&quot;", '"');
  expect(JSON.parse(html.replace(/^<p>|<\/p>$/g, ""))).toEqual({
    others: 0, users: [], self: null, state: "connecting", client: "connecting", activity: null, typing: "", only: [], following: [],
  });
  expect(touched).toEqual([]);
  // A client of many requests keeps nothing of each.
  expect(topic).not.toHaveBeenCalled();
});

test("a relative address throws where it is used and there is no page", () => {
  const client = new PresenceClient({ url: "/presence" });
  expect(() => client.topic(cursor, { board: "42" }).onChange(() => {})).toThrow(TypeError);
  expect(() => new PresenceClient({ url: "gopher://presence" })).toThrow(TypeError);
});
