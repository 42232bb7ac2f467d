/* ts.mjs - lets `node --test` (Node 18 and later) read TypeScript, with the compiler that vite brings. */
import fs from "node:fs/promises";
import { register } from "node:module";
import { transformWithEsbuild } from "vite";

if (import.meta.url.endsWith("#hooks") === false) register(`${import.meta.url}#hooks`);

export async function load(url, context, next) {
	if (!/\.tsx?$/.test(url)) return next(url, context);
	const path = new URL(url);
	const { code } = await transformWithEsbuild(await fs.readFile(path, "utf8"), path.pathname, { jsx: "automatic", jsxImportSource: "preact" });
	return { format: "module", source: code, shortCircuit: true };
}
