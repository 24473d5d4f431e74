import { expect, test } from "vitest";
import { addressOf } from "./address.js";
import { topicName } from "./name.js";

const PAGE = "https://example.org/app/";

test("an address is absolute or relative to the page, with any of the schemes", () => {
  const read = (url: string) => Object.values(addressOf(url, PAGE));
  expect(read("/presence")).toEqual(["https://example.org/presence", "wss://example.org/presence/ws"]);
  expect(read("presence/")).toEqual([
    "https://example.org/app/presence",
    "wss://example.org/app/presence/ws",
  ]);
  const plain = ["http://localhost:7700/p", "ws://localhost:7700/p/ws"];
  expect(read("http://localhost:7700/p")).toEqual(plain);
  expect(read("ws://localhost:7700/p/")).toEqual(plain);
  expect(read("wss://a.b/")).toEqual(["https://a.b", "wss://a.b/ws"]);
});

test("an address that is none is a mistake of the program", () => {
  expect(() => addressOf("/presence", undefined)).toThrow(TypeError);
  expect(() => addressOf("ftp://a.b", PAGE)).toThrow(TypeError);
});

test("a topic is named by its parameters", () => {
  expect(topicName("boards:{board}:cursors", { board: 42 })).toBe("boards:42:cursors");
  expect(topicName("{a}:{b}", { a: "x~@.-_", b: "9" })).toBe("x~@.-_:9");
  expect(topicName("lobby")).toBe("lobby");
});

test("a parameter is a segment of a topic", () => {
  for (const board of ["", "a:b", "a b", "ä", "x".repeat(129)]) {
    const name = () => topicName("boards:{board}:cursors", { board });
    expect(name).toThrow(expect.objectContaining({ code: "invalid_topic" }));
  }
  expect(() => topicName("{toString}")).toThrow(/`toString`/);
});
