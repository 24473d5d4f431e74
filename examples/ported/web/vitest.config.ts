import { defineConfig } from "vitest/config";

export default defineConfig({
  // The client is linked, and has frameworks of its own beside it.
  resolve: { dedupe: ["react", "react-dom", "vue"] },
  test: { include: ["tests/*.test.{ts,tsx}"], testTimeout: 20_000 },
});
