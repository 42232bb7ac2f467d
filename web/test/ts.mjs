/* ts.mjs - lets `node --test` (Node 20) read TypeScript, with the compiler that vite brings. */
import fs from "node:fs/promises";
import { register } from "node:module";
import { transformWithOxc } from "vite";

if (import.meta.url.endsWith("#hooks") === false) register(`${import.meta.url}#hooks`);

export async function load(url, context, next) {
	if (!/\.tsx?$/.test(url)) return next(url, context);
	const path = new URL(url);
	const { code } = await transformWithOxc(await fs.readFile(path, "utf8"), path.pathname);
	return { format: "module", source: code, shortCircuit: true };
}
