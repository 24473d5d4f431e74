// ajv gives every payload of the shared table the verdict that the Rust runtime gives it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import Ajv2020 from "ajv/dist/2020.js";

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const payloads = read("payloads.json");
const types = new Set(payloads.map((row) => row.type));

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
ajv.addKeyword("x-presence");
ajv.addKeyword("x-unit");
const validators = new Map(
  [...types].map((type) => [type, ajv.compile(read(`../../schemas/${type}.schema.json`))]),
);

function isValid({ type, payload }) {
  try {
    return validators.get(type)(JSON.parse(payload));
  } catch (error) {
    assert.ok(error instanceof SyntaxError, String(error));
    return false;
  }
}

test("ajv and the table agree", () => {
  for (const row of payloads.filter((row) => !row.beyondSchema)) {
    assert.equal(isValid(row), row.valid, `${row.type} ${row.payload}`);
  }
});

test("what is beyond JSON Schema still is", () => {
  for (const row of payloads.filter((row) => row.beyondSchema)) {
    assert.notEqual(isValid(row), row.valid, `${row.type} ${row.payload}`);
  }
});
