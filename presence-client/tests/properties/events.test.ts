/** The reader of event streams: wherever a stream is cut, it says the same. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventReader } from "../../src/events.js";
import type { StreamEvent } from "../../src/events.js";
import { vectors } from "../vectors.js";
import { holds } from "./holds.js";

const encoder = new TextEncoder();

/** What a stream says, as the specification reads it when it has come whole. */
function naive(text: string): StreamEvent[] {
  const events: StreamEvent[] = [];
  let [name, data]: [string, string[]] = ["", []];
  const whole = text.replace(/^\ufeff/, "").replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  // What no line's end follows has not come yet.
  for (const line of whole.split("\n").slice(0, -1)) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") name = value;
    if (field === "data") data.push(value);
    if (line !== "") continue;
    if (data.length > 0) events.push({ name: name || "message", data: data.join("\n") });
    [name, data] = ["", []];
  }
  return events;
}

function read(pieces: readonly Uint8Array[]): StreamEvent[] {
  const reader = new EventReader();
  return pieces.flatMap((it) => reader.push(it));
}

/** A stream as the server writes it, and then as others might. */
const line = fc.oneof(
  fc.constantFrom("", "", ":", ": a comment", "data", "data:", "event: changes", "id: feed.1", "retry: 5", "datax: 1", " data: 1"),
  fc.string({ unit: "grapheme" }).map((it) => `data: ${it.replaceAll(/[\r\n]/g, "")}`),
  fc.json().map((it) => `data:${it}`),
);
const stream = fc.array(fc.tuple(line, fc.constantFrom("\n", "\n", "\r\n", "\r")), { maxLength: 24 }).map((lines) =>
  `${lines.map((it) => it.join("")).join("")}\n`,
);

/** What the golden messages look like on a stream. */
const golden = vectors<{ scripts: { steps: { messages?: string[] }[] }[] }>("reading").scripts.flatMap(({ steps }) =>
  steps.flatMap(({ messages = [] }) => messages),
);
const server = golden.map((json) => {
  const { type, at } = JSON.parse(json) as { type: string; at?: string };
  return `event: ${type}${at === undefined ? "" : `\nid: ${at}`}\ndata: ${json}\n\n:\n\n`;
});

describe("a stream says the same", () => {
  test("cut at every byte", () => {
    expect(server.length).toBeGreaterThan(30);
    for (const text of [...server, "data: é😀\r\n\r\n", "\ufeffdata: \ud83d\ude00\r\rdata: x\n\n"]) {
      const bytes = encoder.encode(text);
      const expected = naive(text);
      expect(expected.length).toBeGreaterThan(0);
      for (let at = 0; at <= bytes.length; at += 1) {
        expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(expected);
      }
    }
  });

  test("byte by byte", () => {
    const text = server.join("");
    const bytes = encoder.encode(text);
    const found = read(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)));
    expect(found).toEqual(naive(text));
    expect(found.map(({ data }) => data)).toEqual(golden);
  });

  test("whatever it says and however it is cut", () => {
    holds(fc.tuple(stream, fc.array(fc.nat(400), { maxLength: 12 })), ([text, places]) => {
      const bytes = encoder.encode(text);
      const cuts = [0, ...places.map((it) => it % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
      const pieces = cuts.slice(1).map((end, i) => bytes.subarray(cuts[i], end));
      expect(read(pieces)).toEqual(naive(text));
    });
  });
});
