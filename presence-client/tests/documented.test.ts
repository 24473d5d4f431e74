/** Whatever is exported says what it is, where an editor shows it: every export of every entry, and what is public of each. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { API, ModifierFlags, SymbolFlags } from "typescript/unstable/sync";
import type { Checker, Project, Symbol } from "typescript/unstable/sync";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports: Record<string, { types: string } | string> };
const entries = Object.entries(exports).flatMap(([entry, to]) =>
  typeof to === "string" ? [] : [{ entry, file: join(root, to.types.replace("./dist/", "src/").replace(".d.ts", ".ts")) }],
);

const api = new API();
const config = join(root, "tsconfig.build.json");
const project = api.updateSnapshot({ openProjects: [config] }).getProject(config) as Project;
afterAll(() => api.close());

const { checker } = project;

/** What has no comment among what this exports: `PresenceClient`, `PresenceClient.close`. */
function silent(entry: string, file: string): string[] {
  const source = project.program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${entry} is not ${file}`);
  return checker.getExportsOfModule(module).flatMap((it) => {
    const symbol = it.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(it) : it;
    return [symbol, ...publicOf(symbol)].filter(isSilent(checker)).map((found) => (found === symbol ? it.name : `${it.name}.${found.name}`));
  });
}

/** The members that an application can see of a class, an interface or an object's type, where they are declared here. */
function publicOf(symbol: Symbol): Symbol[] {
  if (symbol.flags & (SymbolFlags.Class | SymbolFlags.Interface)) return members(symbol);
  if (!(symbol.flags & SymbolFlags.TypeAlias)) return [];
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  return checker.getPropertiesOfType(type).filter((it) => it.flags & (SymbolFlags.Property | SymbolFlags.Method) && isOurs(it));
}

function members(symbol: Symbol): Symbol[] {
  const all = [...symbol.getMembers().values(), ...(symbol.flags & SymbolFlags.Class ? symbol.getExports().values() : [])];
  const shown = SymbolFlags.Property | SymbolFlags.Method | SymbolFlags.Accessor | SymbolFlags.Constructor;
  return all.filter((it) => it.flags & shown && isOurs(it) && !isPrivate(it));
}

function isOurs(symbol: Symbol): boolean {
  return symbol.declarations.some(({ path }) => path.includes("/presence-client/src/"));
}

function isPrivate(symbol: Symbol): boolean {
  if (symbol.name.includes("#")) return true;
  return symbol.declarations.some((it) => {
    const { modifierFlags = 0 } = (it.resolve(project) ?? {}) as { modifierFlags?: number };
    return (modifierFlags & ModifierFlags.Private) !== 0;
  });
}

/** A tag alone, such as `@internal`, says as much. */
function isSilent(checker: Checker) {
  return (it: Symbol) => it.getDocumentationComment(checker).trim() === "" && it.getJsDocTags(checker).length === 0;
}

test.each(entries)("$entry", ({ entry, file }) => {
  expect(silent(entry, file)).toEqual([]);
});

const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```/gms)];
/** What stands in blocks of these languages. */
const code = (...languages: string[]) => blocks.filter(([, language = ""]) => languages.includes(language)).map(([, , it]) => it).join("");
const text = readme.replaceAll(/^```.*?^```/gms, "");

/** The functions and constants of an entry, and what is public of the classes and options that are named. */
function features(entry: string, ...of: string[]): string[] {
  const file = entries.find((it) => it.entry === entry)?.file ?? expect.unreachable(entry);
  const source = project.program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  const all = module ? checker.getExportsOfModule(module) : [];
  return all.flatMap((it) => {
    const symbol = it.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(it) : it;
    const called = symbol.flags & (SymbolFlags.Function | SymbolFlags.Variable) ? [it.name] : [];
    return [...called, ...(of.includes(it.name) ? publicOf(symbol).map((member) => member.name) : [])];
  });
}

test.each([
  { entry: ".", of: ["PresenceClient", "TopicHandle", "ClientOptions"], where: code("ts"), few: 30 },
  { entry: "./react", of: ["Presence"], where: code("ts", "tsx"), few: 15 },
  { entry: "./vue", of: ["Presence"], where: code("ts", "vue"), few: 15 },
  { entry: "./typing", of: ["TypingOptions"], where: code("ts") + text, few: 4 },
  { entry: "./testing", of: ["TestServer", "TestServerOptions"], where: code("ts") + text, few: 25 },
])("the README shows all of $entry", ({ entry, of, where, few }) => {
  const named = features(entry, ...of).filter((it) => it !== "__constructor");
  expect(named.length).toBeGreaterThanOrEqual(few);
  expect(named.filter((it) => !new RegExp(`\\b${it}\\b`).test(where))).toEqual([]);
});
