import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const repository = (/** @type {string} */ path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export default defineConfig({
  plugins: [vue()],
  define: { __VUE_OPTIONS_API__: "false" },
  resolve: {
    // An application installs presence-client; here it is built next door, and must not bring a Vue of its own.
    alias: [
      { find: /^presence-client$/, replacement: repository("presence-client/dist/index.js") },
      { find: /^presence-client\/(\w+)$/, replacement: repository("presence-client/dist/$1/index.js") },
      { find: /^generated$/, replacement: repository("generated/index.ts") },
    ],
    dedupe: ["vue"],
  },
  // How long plugins take on a slow machine is no warning.
  build: { target: "es2022", rolldownOptions: { checks: { pluginTimings: false, bundlerTimings: false } } },
  // `npm run dev` beside `cargo run -p who-is-here`.
  server: { proxy: { "/presence": "http://127.0.0.1:7703" }, fs: { allow: [repository("")] } },
});
