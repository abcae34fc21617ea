import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The development server forwards the API and the signalling to a Conclave server, so that the page
// has one origin there as it has in production.
const server = process.env.CONCLAVE_URL ?? "http://localhost:8080";

export default defineConfig({
  plugins: [
    react(),
    // React Aria ships its strings in thirty languages; the client speaks two.
    { ...optimizeLocales.vite({ locales: ["fr-FR", "en-US"] }), enforce: "pre" },
  ],
  server: {
    proxy: {
      "/api": { target: server, secure: false },
      "/rtc": { target: server, secure: false, ws: true },
    },
  },
  build: {
    target: "es2022",
    // An inlined asset would be a data: address, which the content security policy refuses.
    assetsInlineLimit: 0,
    // The polyfill is not needed by any browser that can hold a call.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
