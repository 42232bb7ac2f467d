/* What is written can be read: in both themes, on every channel's hue. */
import assert from "node:assert/strict";
import { test } from "node:test";

interface Pair {
	theme: string;
	what: string;
	least: number;
	at: number | null;
	need: number;
}
/* The script has no types of its own. */
const from = "../dev/contrast.mjs";
const { contrast, oklch, pairs } = (await import(from)) as { contrast(a: number[], b: number[]): number; oklch(l: number, c: number, h: number): number[]; pairs(): Pair[] };

test("the measure itself", () => {
	assert.equal(contrast([0, 0, 0], [1, 1, 1]), 21);
	assert.ok(Math.abs(contrast([0x76 / 255, 0x76 / 255, 0x76 / 255], [1, 1, 1]) - 4.54) < 0.01);
	const red = oklch(0.6279554, 0.2576833, (29.2338837 * Math.PI) / 180); /* sRGB red, CSS Color 4 */
	assert.ok(Math.abs(red[0]! - 1) < 0.01 && red[1]! < 0.03 && red[2]! < 0.03, String(red));
});

test("every pair of the themes, every hue", () => {
	const all = pairs();
	assert.ok(all.length > 50);
	const low = all.filter((pair) => !(pair.least >= pair.need)).map((pair) => `${pair.theme} ${pair.what}: ${pair.least.toFixed(2)}${pair.at === null ? "" : ` at hue ${pair.at}`}`);
	assert.deepEqual(low, []);
});

test("what is behind live, in words", async () => {
	const { behindWord } = await import("../src/lib/words.ts");
	const rows: [number, string][] = [[24_400, "24 s behind live"], [61_000, "1 min behind live"], [754_000, "13 min behind live"], [7_500_000, "2 h 5 min behind live"]];
	for (const [ms, word] of rows) assert.equal(behindWord(ms), word);
});
