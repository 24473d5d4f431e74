/** Properties that hold for whatever there is. `SEED=7 CASES=10000 npx vitest run tests/properties` says which and how many. */

import fc from "fast-check";

const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const CASES = Number(process.env["CASES"] ?? 200);

/** Plays a property; a failure tells the seed and the smallest case. */
export function holds<Case>(cases: fc.Arbitrary<Case>, check: (it: Case) => void): void {
  try {
    fc.assert(fc.property(cases, check), { seed: SEED, numRuns: CASES });
  } catch (error) {
    if (error instanceof Error) error.message = `SEED=${SEED} CASES=${CASES} plays it again\n${error.message}`;
    throw error;
  }
}
