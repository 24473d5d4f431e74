// The runtime, ajv over the emitted schemas and the emitted validators give every payload the same
// verdict, and the runtime and the validators give it the same reasons. COUNT payloads a type.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import Ajv2020 from "ajv/dist/2020.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const program = process.env.CONTRACT ?? join(here, "../../target/debug/contract");
const count = process.env.COUNT ?? "2000";
const seed = process.env.SEED ?? "1";
/** Payloads of each type that the TypeScript compiler is shown. */
const SAMPLE = 25;
const BATCH = 500;

const folder = mkdtempSync(join(tmpdir(), "presence-agreement-"));
after(() => rmSync(folder, { recursive: true }));
const [schemas, generated, compiled] = ["schemas", "generated", "compiled"].map((it) => join(folder, it));
execFileSync(program, ["write", "--schemas", schemas, "--generated", generated]);

function compile(...options) {
  const compiler = join(here, "node_modules/typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [compiler, "--project", folder, ...options], { encoding: "utf8" });
    return "";
  } catch (error) {
    return error.stdout || String(error);
  }
}

const project = { extends: join(here, "tsconfig.json"), include: ["generated/*.ts"], files: [] };
writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(project));
writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
const complaints = compile("--noEmit", "false", "--rootDir", generated, "--outDir", compiled);
const all = complaints ? {} : await import(pathToFileURL(join(compiled, "index.js")).href);
const topics = Object.entries(all).filter(([, it]) => it.pattern !== undefined);

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictTuples: false });
ajv.addKeyword("x-presence");
ajv.addKeyword("x-unit");
const read = (name) => JSON.parse(readFileSync(join(schemas, name), "utf8"));

/** All judges of each type. */
const judges = new Map(
  topics.map(([constant, { name, schema }]) => [
    name,
    {
      constant,
      schema,
      input: ajv.compile(read(`${name}.schema.json`)),
      output: ajv.compile(read(`${name}.output.schema.json`)),
      valid: 0,
      refused: 0,
      sample: [],
    },
  ]),
);

/** What the text itself does wrong is beyond those who see what `JSON.parse` made of it. */
const isOfTheText = ({ rule }) => rule === "json" || rule === "duplicate";
/** What only the code of a type knows. */
const isOfTheServer = ({ rule }) => rule === "validate";

/** A second program that is asked what it says of what a client would send. */
const second = spawn(program, ["judge"], { stdio: ["pipe", "pipe", "inherit"] });
// Left open by a failure, it would keep this program running.
after(() => second.kill());
const answers = createInterface({ input: second.stdout })[Symbol.asyncIterator]();

async function settle(questions) {
  const text = questions.map(({ type, payload }) => `${JSON.stringify({ type, payload })}\n`);
  if (!second.stdin.write(`${text.join("")}\n`)) await once(second.stdin, "drain");
  for (const { type, payload, found } of questions) {
    const answer = JSON.parse((await answers.next()).value);
    const details = (answer.details ?? []).filter((it) => !isOfTheServer(it));
    assert.deepEqual(found, details, `${type} ${payload}`);
  }
}

/** Whether JSON can say all of a value: some numbers are too large for it, and half a pair is no text. */
const isSayable = (value) => {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, it]) => key.isWellFormed() && isSayable(it));
};

/** Judges a row. Returns what to ask the runtime of it. */
function judge({ type, payload, valid, canonical, details = [] }) {
  const judge = judges.get(type);
  const what = `${type} ${payload}`;
  let value;
  try {
    value = JSON.parse(payload);
  } catch {
    assert.equal(valid, false, what);
    judge.refused += 1;
    return [];
  }
  const found = judge.schema.judge(value);
  const taken = found.length === 0;
  if (!details.some(isOfTheText)) {
    const byOthers = details.filter((it) => !isOfTheServer(it)).length === 0;
    assert.equal(taken, byOthers, `${what}: ${JSON.stringify(found)}`);
  }
  const sayable = isSayable(value);
  if (sayable) assert.equal(judge.input(value), taken, `${what}: ${JSON.stringify(found)}`);
  else assert.equal(taken, false, what);
  const standard = judge.schema["~standard"].validate(value);
  assert.equal(standard.issues?.length ?? 0, found.length, what);

  if (valid) {
    judge.valid += 1;
    const output = JSON.parse(canonical);
    assert.ok(judge.output(output), `${what}: ${JSON.stringify(judge.output.errors)}`);
    if (judge.sample.length < SAMPLE) judge.sample.push({ payload, canonical });
  } else {
    judge.refused += 1;
  }
  return sayable ? [{ type, payload: JSON.stringify(value), found }] : [];
}

test("the emitted files compile", () => {
  assert.equal(complaints, "");
  assert.ok(judges.size >= 25, `${judges.size} types`);
});

test(`${count} payloads of each type`, async () => {
  const corpus = spawn(program, ["corpus", count, seed], { stdio: ["ignore", "pipe", "inherit"] });
  after(() => corpus.kill());
  let questions = [];
  for await (const line of createInterface({ input: corpus.stdout })) {
    questions.push(...judge(JSON.parse(line)));
    if (questions.length < BATCH) continue;
    await settle(questions);
    questions = [];
  }
  await settle(questions);
  second.stdin.end();
  for (const [type, { valid, refused }] of judges) {
    assert.equal(valid + refused, Number(count), type);
    assert.ok(valid > 0 && refused > 0, `${type}: ${valid} valid, ${refused} refused`);
  }
});

test("a sample is typed as it is judged", () => {
  const lines = [...judges].flatMap(([type, { constant, sample }]) =>
    sample.flatMap(({ payload, canonical }) => [
      `(${payload}) satisfies InputOf<typeof all.${constant}>;`,
      `(${canonical}) satisfies all.${type};`,
    ]),
  );
  const source = [
    'import type { InputOf } from "./generated/descriptor.js";',
    'import type * as all from "./generated/index.js";',
    ...lines,
  ];
  writeFileSync(join(folder, "sample.ts"), source.join("\n"));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...project, files: ["sample.ts"] }));
  assert.equal(compile(), "");
});
