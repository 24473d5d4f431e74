/** The server behind nginx and Caddy, each as a proxy of its own process before a real server. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Program, until } from "./program.js";
import { caddyAsDocumented, nginxAsDocumented, nginxAsItComes } from "./proxies.js";
import { Visitor } from "./visitor.js";

const TOPIC = "boards:deployed:cursors";
const at = (/** @type {number} */ x) => ({ x, y: 1, label: "Ann" });
/** As the documents say, and with figures that a test reaches. */
const SETTINGS = {
  PRESENCE_TRUSTED_PROXIES: "127.0.0.1",
  PRESENCE_MAX_CONNECTIONS_PER_ADDRESS: "8",
  PRESENCE_DRAIN: "500ms",
};
/** The times below are what people notice; a stream that is gathered in a buffer is late by minutes. */
const SOON_MS = 1_000;

/**
 * @typedef {import("./proxies.js").Proxy} Proxy
 * @typedef {{ server: Program, url: string }} Behind The server behind a proxy, and where it is without.
 * @typedef {(options?: { address?: string, headers?: Record<string, string> }) => Visitor} Visiting
 */

/** @param {string} name @param {(to: number) => Promise<Proxy>} start @param {(visitor: Visiting, behind: () => Behind) => void} tests */
function behind(name, start, tests) {
  describe(name, { concurrency: 1 }, () => {
    /** @type {Program} */
    let server;
    /** @type {Proxy} */
    let proxy;
    let port = 0;
    /** @type {Visitor[]} */
    const visitors = [];
    before(async () => {
      const program = process.env["PRESENCE_SERVER"];
      if (!program) throw new Error("PRESENCE_SERVER names the built live-cursors");
      server = new Program(program, ["--addr", "127.0.0.1:0"], SETTINGS);
      port = Number(await server.says(/listens on http:\/\/127\.0\.0\.1:(\d+)\//));
      proxy = await start(port);
    });
    after(async () => {
      for (const visitor of visitors) visitor.end();
      await proxy?.end();
      await server?.kill();
    });
    /** @type {Visiting} */
    const visitor = (options) => {
      const visitor = new Visitor(proxy, options);
      visitors.push(visitor);
      return visitor;
    };
    passesEventsOn(visitor);
    tests(visitor, () => ({ server, url: `http://127.0.0.1:${port}` }));
  });
}

/** @param {Visiting} visitor */
function passesEventsOn(visitor) {
  // What a browser says of a page of this very site, where it speaks TLS or to localhost.
  const browser = { headers: { "sec-fetch-site": "same-origin" } };

  test("a heartbeat is heard, and what is read is of this moment", async () => {
    const ann = visitor(browser);
    const joined = await ann.heartbeat(TOPIC, at(1));
    assert.equal(joined.json?.change, "joined", joined.text);
    const value = await ann.ask("GET", `/presence/${TOPIC}/value`);
    assert.equal(value.json.entries.at(-1).value.x, 1);
    assert.deepEqual((await ann.ask("POST", `/presence/${TOPIC}/leave`)).json, { left: true });
    assert.equal((await ann.ask("GET", "/presence/nowhere/value")).json.error.code, "unknown_topic");
  });

  test("an event stream says at once what happens, and says that it is alive", async () => {
    const [ann, bo] = [visitor(browser), visitor(browser)];
    const stream = await bo.changes(TOPIC);
    assert.equal(stream.headers["content-encoding"], undefined);
    await until(() => stream.heard.find((it) => it.entries));
    for (const x of [1, 2, 3]) {
      const said = performance.now();
      await ann.heartbeat(TOPIC, at(x));
      await until(() => stream.heard.find((it) => told(it, x)));
      assert.ok(performance.now() - said < SOON_MS, `it took ${performance.now() - said} ms`);
    }
    await ann.ask("POST", `/presence/${TOPIC}/leave`);
    await until(() => stream.heard.find((it) => it["left"]?.[0]?.reason === "left"));
    assert.ok(!stream.heard.some((it) => it.type === "comment"), "there was no silence");
    const quiet = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 9_000));
    await until(() => stream.heard.find((it) => it.type === "comment"));
    assert.ok(performance.now() - quiet < 12_000);
  });

  test("a snapshot of many pieces arrives whole", async () => {
    const topic = "boards:crowded:cursors";
    const many = Array.from({ length: 700 }, () => ({ label: "x".repeat(32) }));
    const crowd = visitor(browser);
    for (const [x, { label }] of many.entries()) {
      crowd.key = x.toString(16).padStart(32, "0");
      const joined = await crowd.heartbeat(topic, { x, y: 0, label });
      assert.equal(joined.json?.change, "joined", joined.text);
    }
    const stream = await visitor(browser).changes(topic);
    const parts = await until(() => (stream.heard.some((it) => it["at"]) ? stream.heard : undefined));
    assert.ok(parts.length > 1, "there is more than one part");
    const entries = parts.flatMap((it) => it["entries"] ?? []);
    assert.deepEqual(new Set(entries.map((it) => it.value.x)), new Set(many.keys()));
  });
}

/** @param {import("./visitor.js").Message} message @param {number} x */
function told(message, x) {
  return [...(message["joined"] ?? []), ...(message["updated"] ?? [])].some((it) => it.value?.x === x);
}

/** @param {Visiting} visitor @param {() => Behind} behind */
function passesEverythingOn(visitor, behind) {
  test("WebSockets see each other, however long they are silent", async () => {
    const [ann, bo] = [await visitor().converse(), await visitor().converse()];
    for (const it of [ann, bo]) {
      await until(() => it.heard.find((it) => it.type === "welcome"));
      it.say({ type: "subscribe", topic: TOPIC });
      await until(() => it.heard.find((it) => it.type === "snapshot"));
    }
    ann.say({ type: "heartbeat", topic: TOPIC, value: at(1) });
    await until(() => bo.heard.find((it) => told(it, 1)));
    const said = performance.now();
    ann.say({ type: "heartbeat", topic: TOPIC, value: at(2) });
    await until(() => bo.heard.find((it) => told(it, 2)));
    assert.ok(performance.now() - said < SOON_MS);
  });

  test("pages of this site may, and those of others may not", async () => {
    const own = visitor();
    assert.equal((await own.heartbeat(TOPIC, at(1))).json?.change, "joined");
    const other = visitor({ headers: { origin: "https://evil.example" } });
    const refused = await other.heartbeat(TOPIC, at(2));
    assert.equal(refused.json?.error.code, "forbidden_origin", refused.text);
    assert.equal((await other.converse()).state.status, 403);
  });

  test("limits by address are of whoever comes, whatever they say of themselves", async () => {
    const forged = (/** @type {number} */ n) => ({ headers: { "x-forwarded-for": `203.0.113.${n}` } });
    for (const address of ["127.0.0.8", "127.0.0.9"]) {
      for (let n = 0; n < 8; n += 1) {
        const { heard } = await visitor({ address, ...forged(n) }).converse();
        await until(() => heard.find((it) => it.type === "welcome"));
      }
      const { state } = await visitor({ address, ...forged(8) }).converse();
      assert.equal(await until(() => state.close), 4029, address);
    }
  });

  test("what is for those who run it is not for everybody", async () => {
    const inside = new Visitor({ url: behind().url, ca: undefined });
    for (const path of ["/healthz", "/readyz"]) {
      assert.equal((await inside.ask("GET", path)).status, 200, path);
      assert.equal((await visitor().ask("GET", path)).status, 404, path);
    }
    assert.equal((await visitor().ask("GET", "/metrics")).status, 404);
    inside.end();
  });

  // The last one, for the server does not come back.
  test("who is connected hears that the server goes", async () => {
    const ann = await visitor().converse();
    await until(() => ann.heard.find((it) => it.type === "welcome"));
    const stream = await visitor().changes(TOPIC);
    await until(() => stream.heard.find((it) => it["entries"]));
    await behind().server.end();
    assert.equal(await until(() => ann.state.close), 1012);
    for (const { heard } of [ann, stream]) {
      assert.ok(heard.some((it) => it["retryAfterMs"] !== undefined), "and is told when to come back");
    }
    const after = await visitor().ask("GET", `/presence/${TOPIC}/value`);
    assert.equal(after.status, 502);
  });
}

describe("proxies", { concurrency: true }, () => {
  behind("nginx as it comes", nginxAsItComes, (visitor) => {
    test("a WebSocket is refused in a way that tells clients to do without", async () => {
      const { state } = await visitor({ headers: { "sec-fetch-site": "same-origin" } }).converse();
      assert.equal(state.status, 426);
    });
  });
  behind("nginx as documented", nginxAsDocumented, passesEverythingOn);
  behind("Caddy as documented", caddyAsDocumented, passesEverythingOn);
});
