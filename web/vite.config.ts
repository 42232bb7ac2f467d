/* vite.config.ts - builds the page into dist/, which the C build embeds.
 * Nothing is inlined (no data: URLs, no inline script), so that the server's `default-src 'self'` holds. */
import { defineConfig } from "vite";

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
		proxy: Object.fromEntries(
			["/api", "/channel", "/media"].map((path) => [path, process.env.MATINEE ?? "http://127.0.0.1:8099"]),
		),
	},
});
