/** A handle is a store as Svelte knows them, as it is: `$board` in a component, `get` and `derived` everywhere. */

import { derived, get } from "svelte/store";
import type { Readable } from "svelte/store";
import { expect, expectTypeOf, test } from "vitest";
import { cursor } from "../../../generated/index.js";
import type { Cursor } from "../../../generated/index.js";
import type { View } from "../../src/index.js";
import { bo, house } from "./house.js";

test("calls at once, then whenever something is another, and ends its subscription with the last", async () => {
  const { client, server, board: theirs, said } = house();
  const board = client.topic(cursor, { board: "42" });
  expectTypeOf(board).toExtend<Readable<View<Cursor>>>();
  expect(get(board).status).toBe("connecting");

  const names = derived(board, ({ others }) => others.map(({ value }) => value.label));
  const seen: string[][] = [];
  const stop = names.subscribe((it) => seen.push(it));
  expect(seen).toEqual([[]]);
  await theirs.heartbeat(bo);
  await server.settle();
  expect(seen.at(-1)).toEqual(["Bo"]);
  expect(get(names)).toEqual(["Bo"]);
  expect(said("subscribe")).toHaveLength(1);
  expect(said("unsubscribe")).toHaveLength(0);

  stop();
  await server.settle();
  expect(said("unsubscribe")).toHaveLength(1);
  await theirs.update({ label: "Bob" });
  await server.settle();
  expect(seen.at(-1)).toEqual(["Bo"]);
});
