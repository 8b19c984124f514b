import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** `npm run build` puts the app into build/studio; `npm run studio:dev` reloads it beside a running `lumiere studio`. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: fileURLToPath(new URL("../build/studio", import.meta.url)),
    emptyOutDir: true,
    // The policy of the server allows no inline script.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
  },
  server: {
    proxy: { "/api": "http://127.0.0.1:8090", "/runs": "http://127.0.0.1:8090" },
  },
});
