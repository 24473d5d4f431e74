/** The server in memory, as tests of applications use it. */

import { expect, test } from "vitest";
import { cursor } from "../../../generated/index.js";
import { TestServer } from "../../src/testing/index.js";

const ann = { x: 1, y: 2, label: "Ann" };

test("two see each other", async () => {
  const server = new TestServer({ topics: [cursor] });
  const [a, b] = [server.client({ user: "ann" }), server.client({ user: "bo" })];
  const theirs = b.topic(cursor, { board: "42" });
  theirs.onChange(() => {});
  const ack = await a.topic(cursor, { board: "42" }).heartbeat(ann);
  expect(ack.change).toBe("joined");
  await server.settle();
  expect(theirs.value().others.map((it) => [it.user, it.value.label])).toEqual([["ann", "Ann"]]);
  server.close();
});
