/** docs/coming-from.md: every name of ours that it gives is one. */

import * as entry from "presence-client";
import * as react from "presence-client/react";
import * as testing from "presence-client/testing";
import * as words from "presence-client/typing";
import * as vue from "presence-client/vue";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { player } from "../generated/index.js";
import { house } from "./house.js";

const root = join(import.meta.dirname, "../../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const found = (text: string, what: RegExp) => [...text.matchAll(what)].map(([, name = ""]) => name);
const membersOf = (it: object) => [...Object.getOwnPropertyNames(Object.getPrototypeOf(it)), ...Object.keys(it)];

const rust = readdirSync(join(root, "presence-runtime/src"), { recursive: true, withFileTypes: true })
  .filter((it) => it.name.endsWith(".rs"))
  .map((it) => readFileSync(join(it.parentPath, it.name), "utf8"));
/** What the blocks `impl Type` of the runtime make public. */
const methodsOf = (type: string) =>
  rust.flatMap((file) => found(file, new RegExp(`^impl(?:<.*?>)? ${type}(?:<.*>)? \\{$([^]*?)^\\}$`, "gm"))).flatMap((block) => found(block, /^ {4}pub (?:const |async )*fn (\w+)/gm));
const fieldsOf = (type: string) => rust.flatMap((file) => found(file, new RegExp(`^pub struct ${type} \\{$([^]*?)^\\}$`, "gm"))).flatMap((block) => found(block, /^ {4}pub (\w+):/gm));

/** The names that each root has. */
async function known() {
  const { enter, server } = house();
  const client = enter("ann");
  const handle = client.topic(player, { channel: "a" });
  handle.heartbeat({ username: "Ann", status: "online" });
  handle.onChange(() => {});
  await server.settle();
  const view = handle.value();
  const [member, user] = [view.self, view.users[0]];
  if (!member || !user) throw new Error("she is there");
  const hooks = Object.keys(react).filter((it) => it in vue);
  const types = ["presence-client/src/index.ts", "presence-client/src/view.ts"].flatMap((it) => found(read(it), /\b([A-Z]\w+)\b/g));
  const runtime = rust.flatMap((it) => found(it, /^pub (?:struct|enum|trait) (\w+)/gm));
  return {
    client: membersOf(client),
    handle: membersOf(handle),
    view: Object.keys(view),
    member: Object.keys(member),
    user: Object.keys(user),
    presence: found(read("presence-client/src/store/presence.ts"), /^ {2}(?:readonly )?(\w+) = \(/gm),
    hub: [...methodsOf("Hub"), ...fieldsOf("Hub")],
    builder: methodsOf("HubBuilder"),
    here: methodsOf("Here"),
    session: methodsOf("LocalSession"),
    Hub: methodsOf("Hub"),
    Server: methodsOf("Server"),
    Service: methodsOf("Service"),
    Jwt: methodsOf("Jwt"),
    Topics: methodsOf("Topics"),
    Config: fieldsOf("Config"),
    hook: rust.flatMap((it) => (it.includes("//! Hooks:") ? found(it, /^pub struct (\w+)/gm) : [])),
    names: [...Object.keys(entry), ...Object.keys(testing), ...Object.keys(words), ...hooks, ...types, ...runtime],
    options: found(read("presence-client/src/client.ts").split("export class")[0] ?? "", /^ {2}readonly (\w+)\??:/gm),
    attributes: found(read("README.md"), /^\| (`.*?`(?:, `.*?`)*) \|/gm).flatMap((it) => found(it, /`(\w+)/g)),
    routes: found(read("ARCHITECTURE.md"), /^\| `((?:GET|POST) \/\S+)` \|/gm),
    messages: found(read("presence-client/src/wire.ts"), /readonly type: "(\w+)"/g),
  } satisfies Record<string, readonly string[]>;
}
type Known = Awaited<ReturnType<typeof known>>;

/** What is wrong with a name of ours. */
function wrong(code: string, all: Known): string | undefined {
  const has = (where: keyof Known, name: string) => (all[where].includes(name) ? undefined : `no ${name} in ${where}`);
  if (code === "#[derive(Presence)]") return has("names", "Presence");
  if (/^(GET|POST) /.test(code)) return has("routes", code);
  const attributes = /^#\[presence\((.*)\)\]$/.exec(code)?.[1];
  if (attributes) return found(attributes, /(\w+) = /g).map((it) => has("attributes", it)).find(Boolean);
  const options = /^new PresenceClient\(\{ (.*) \}\)$/.exec(code)?.[1];
  if (options) return options.split(", ").map((it) => has("options", it)).find(Boolean);
  // `a.b(…).c(…)`, without what is within brackets.
  const [first = "", ...path] = code.replace(/\([^()]*\)/g, "").split(/\.|::/);
  if (path.length === 0) return all.names.includes(first) || all.messages.includes(first) ? undefined : `no ${first}`;
  if (!(first in all)) return `nothing is called ${first}`;
  return path.map((it) => has(first as keyof Known, it)).find(Boolean);
}

const page = read("docs/coming-from.md");
const rows = page.split("\n").filter((it) => it.startsWith("| ") && !it.startsWith("| there"));
/** In the remarks are words of the others, too: only what is plainly ours. */
const PLAINLY = /^(client|handle|view|member|user|hub|builder|here|session|hook)[.:]|^#\[presence/;
const ours = rows.flatMap((row) => {
  const [, here = "", remark = ""] = row.replaceAll("\\|", "/").split(" | ");
  return [...found(here, /`([^`]+)`/g), ...found(remark, /`([^`]+)`/g).filter((it) => PLAINLY.test(it))].map((code) => ({ code, row }));
});

test("every name in the columns of ours is one", async () => {
  const all = await known();
  expect(ours.length).toBeGreaterThan(200);
  const mistakes = ours.flatMap(({ code, row }) => {
    const why = wrong(code, all);
    return why === undefined ? [] : [`${code}: ${why}, in ${row}`];
  });
  expect(mistakes).toEqual([]);
});

test("a name that is none is found", async () => {
  const all = await known();
  const none = ["handle.track()", "client.users().nobody", "useEverybody", "view.peers", "hub.forget(user)", "Config::silence", "GET /{topic}/peers", '#[presence(ttk = "3s")]', "new PresenceClient({ uri })", "Peer2", "hub.kick_everybody(topic)"];
  expect(none.filter((it) => wrong(it, all) === undefined)).toEqual([]);
});

test("every row has its three columns, and each system of the examples a table", () => {
  expect(rows.filter((row) => row.replaceAll("\\|", "/").split("|").length !== 5)).toEqual([]);
  const systems = found(read("examples/ported/README.md"), /^## (.*)$/gm);
  expect(systems).toHaveLength(5);
  for (const system of systems) expect(page).toContain(`## ${system}\n`);
});
