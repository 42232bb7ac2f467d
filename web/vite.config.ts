/* vite.config.ts - builds the page into dist/, which the C build embeds.
 * Nothing is inlined (no data: URLs, no inline script), so that the server's `default-src 'self'` holds. */
import { defineConfig } from "vite";

const station = process.env.MATINEE ?? "http://127.0.0.1:8099";

export default defineConfig({
	esbuild: { jsx: "automatic", jsxImportSource: "preact" },
	build: {
		target: "es2022",
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		chunkSizeWarningLimit: 700,
	},
	server: {
		host: "127.0.0.1",
		/* The station takes changes only from its own page: it is told that this is it. */
		proxy: Object.fromEntries(["/api", "/channel", "/media"].map((path) => [path, { target: station, changeOrigin: true, headers: { origin: station } }])),
	},
});
