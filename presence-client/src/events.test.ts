import { expect, test } from "vitest";
import { EventReader } from "./events.js";

const text = [
  ": a comment\n",
  'event: snapshot\nid: feed.1\ndata: {"text":"å, 😀"}\n\n',
  "data: two\ndata:lines\nunknown: field\nretry: 5\n\n",
  "event: changes\r\ndata: by\r\n\r\n",
  "event: empty\n\n",
  "data\n\n",
  "event: last\rdata: one\r\r",
  "data: never ended",
].join("");
const expected = [
  { name: "snapshot", data: '{"text":"å, 😀"}' },
  { name: "message", data: "two\nlines" },
  { name: "changes", data: "by" },
  { name: "message", data: "" },
  { name: "last", data: "one" },
];
const bytes = new TextEncoder().encode(text);

test("a stream is read as a whole", () => {
  expect(new EventReader().push(bytes)).toEqual(expected);
});

test("a stream is read wherever it is cut", () => {
  for (let at = 0; at <= bytes.length; at += 1) {
    const reader = new EventReader();
    const read = [...reader.push(bytes.subarray(0, at)), ...reader.push(bytes.subarray(at))];
    expect(read, `cut at ${at}`).toEqual(expected);
  }
});

test("a stream is read byte by byte", () => {
  const reader = new EventReader();
  expect(Array.from(bytes, (_, i) => reader.push(bytes.subarray(i, i + 1))).flat()).toEqual(expected);
});
