import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sessionId, sha256 } from "./digest.js";

interface Vectors {
  readonly sessions: readonly { readonly key: string; readonly session: string }[];
}

test("the id of a session is the one that the server gives it", () => {
  const url = new URL("../../vectors/sessions.json", import.meta.url);
  const { sessions } = JSON.parse(readFileSync(url, "utf8")) as Vectors;
  expect(sessions.length).toBeGreaterThan(0);
  for (const { key, session } of sessions) expect(sessionId(key.toLowerCase())).toBe(session);
});

test("a digest is the platform's, at every length", () => {
  for (let length = 0; length < 200; length += 1) {
    const message = Uint8Array.from({ length }, (_, i) => i * 7);
    expect(Buffer.from(sha256(message)).toString("hex")).toBe(createHash("sha256").update(message).digest("hex"));
  }
});
