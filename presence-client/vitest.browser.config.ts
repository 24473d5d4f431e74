import { defineConfig } from "vitest/config";

// Three at a time: what waits for slow timers has hardly anything to do.
export default defineConfig({
  test: { testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 3, maxConcurrency: 4, include: ["tests/browser/**/*.test.ts"] },
});
