import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      generated: at("../../../generated/index.ts"),
      "presence-client": at("../../../presence-client/dist"),
    },
    // The client's folder has a React of its own, for its tests.
    dedupe: ["react", "react-dom"],
  },
  build: {
    target: "es2022",
    sourcemap: true,
    rolldownOptions: {
      checks: { pluginTimings: false },
      // "use client" is for servers that render, and there is none.
      onwarn: (warning, warn) => warning.code === "MODULE_LEVEL_DIRECTIVE" || warn(warning),
    },
  },
  // `npm run dev` beside `cargo run -p live-cursors`.
  server: { proxy: { "/presence": { target: "http://127.0.0.1:7700", ws: true } } },
});
