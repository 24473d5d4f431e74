import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

/** The React before, with which the same tests run. */
const react18 = createRequire(new URL("tests/react18/package.json", import.meta.url));

const src = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));
/** Snippets of documents import the package by its name. */
const itself = [
  { find: /^presence-client$/, replacement: src("index.ts") },
  { find: /^presence-client\/(react|vue|testing)$/, replacement: src("$1/index.ts") },
  { find: /^presence-client\/typing$/, replacement: src("typing.ts") },
];

const REACT = "tests/react/**/*.test.{ts,tsx}";
const shared = { testTimeout: 20_000 };

export default defineConfig({
  test: {
    // Those before real servers wait most of their time.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      {
        resolve: { alias: itself },
        test: { ...shared, name: "client", include: ["src/**/*.test.ts", "tests/**/*.test.{ts,tsx}"], exclude: [...configDefaults.exclude, "tests/browser/**"] },
      },
      {
        resolve: {
          alias: [
            ...itself,
            ...["react/jsx-dev-runtime", "react/jsx-runtime", "react-dom/client", "react-dom/server", "react-dom", "react"].map((it) => ({
              find: new RegExp(`^${it}$`),
              replacement: react18.resolve(it),
            })),
          ],
        },
        test: { ...shared, name: "react18", include: [REACT] },
      },
    ],
  },
});
