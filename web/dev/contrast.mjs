/* contrast.mjs - WCAG contrast of what the themes put on each other, from the tokens in src/base.css.
 *
 *   node dev/contrast.mjs     prints every pair and its least contrast; exits 1 if one is under 4.5 (3 for what is no text)
 *
 * Channel colours are checked for every hue. `oklch(from hsl(H 90% 55%) L C h)` is computed as browsers do: the hue of
 * the hsl colour in OKLCH, then back, with what lies outside sRGB clipped. */
import fs from "node:fs";

const css = fs.readFileSync(new URL("../src/base.css", import.meta.url), "utf8");

/* ---- colours are [r, g, b] in 0..1, gamma-encoded */
const hex = (text) => [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16) / 255);
const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const gamma = (c) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);
const clip = (c) => Math.min(1, Math.max(0, c));
const over = (top, part, under) => top.map((c, i) => c * part + under[i] * (1 - part));
const luminance = (rgb) => 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);

export function contrast(a, b) {
	const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
	return (high + 0.05) / (low + 0.05);
}

function hsl(h, s, l) {
	const at = (n) => {
		const k = (n + h / 30) % 12;
		return l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
	};
	return [at(0), at(8), at(4)];
}

/* Björn Ottosson, "A perceptual color space for image processing". */
function okHue(rgb) {
	const [r, g, b] = rgb.map(linear);
	const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
	const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
	const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
	return Math.atan2(0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s);
}
export function oklch(lightness, chroma, hue) {
	const a = chroma * Math.cos(hue);
	const b = chroma * Math.sin(hue);
	const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
	const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
	const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
	return [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s, -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s].map((c) => gamma(clip(c)));
}

/* ---- the tokens */
function block(selector) {
	const from = css.indexOf(selector);
	const body = css.slice(css.indexOf("{", from) + 1, css.indexOf("}", from));
	return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((m) => [m[1], m[2].trim()]));
}

function themeOf(name) {
	const tokens = { ...block(":root {"), ...block(`[data-theme="${name}"] {`) };
	const channel = block(".hue {");
	const colour = (token) => hex(tokens[token]);
	/* c, c-solid, c-deep and so on of one hue */
	const hued = (token, hue) => {
		const parts = /oklch\(from hsl\(var\(--hue\) 90% 55%\) (\S+) (\S+) h\)/.exec(channel[token]);
		const value = (text) => Number(/^var\(--(.+)\)$/.test(text) ? tokens[/^var\(--(.+)\)$/.exec(text)[1]] : text);
		return oklch(value(parts[1]), value(parts[2]), okHue(hsl(hue, 0.9, 0.55)));
	};
	return { colour, hued };
}

const HUES = Array.from({ length: 360 }, (_, hue) => hue);
const NIGHT = hex("#0e1116");
const WHITE = [1, 1, 1];

/** Every pair: { theme, what, least, at, need }. */
export function pairs() {
	const found = [];
	for (const theme of ["dark", "light"]) {
		const { colour, hued } = themeOf(theme);
		const add = (what, a, b, need = 4.5) => found.push({ theme, what, least: contrast(a, b), at: null, need });
		const each = (what, a, b, need = 4.5) => {
			const all = HUES.map((hue) => contrast(a(hue), b(hue)));
			const least = Math.min(...all);
			found.push({ theme, what, least, at: all.indexOf(least), need });
		};
		for (const text of ["paper", "paper-2", "paper-3", "accent", "good", "warn", "air-text"])
			for (const ground of ["ink", "ink-2", "ink-3"]) add(`${text} on ${ground}`, colour(text), colour(ground));
		for (const text of ["paper", "paper-2"]) add(`${text} on what is chosen`, colour(text), over(hex("#ffb224"), 0.12, colour("ink")));
		add("the toast's words", colour("ink"), colour("paper"));
		add("night on amber", NIGHT, hex("#ffb224"));
		add("white on the live sign", WHITE, hex("#d52c1c"));
		add("the now-line on ink", colour("air"), colour("ink"), 3);
		for (const ground of ["ink", "ink-2"]) each(`channel text on ${ground}`, (hue) => hued("c", hue), () => colour(ground));
		each("channel text on its deep ground", (hue) => hued("c", hue), (hue) => hued("c-deep", hue));
		for (const ground of ["c-deep", "c-block"])
			for (const text of ["paper", "paper-2"]) each(`${text} on ${ground}`, () => colour(text), (hue) => hued(ground, hue));
		each("night on the channel's solid", () => NIGHT, (hue) => hued("c-solid", hue));
		each("white on the channel's night", () => WHITE, (hue) => hued("c-night", hue));
		each("the cover's words on its dusk", () => hex("#f6f3ec"), (hue) => hued("c-dusk", hue));
	}
	return found;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
	for (const { theme, what, least, at, need } of pairs()) {
		const low = least < need;
		console.log(`${low ? "LOW " : "    "}${least.toFixed(2).padStart(5)}  ${theme.padEnd(5)} ${what}${at === null ? "" : ` (hue ${at})`}`);
		if (low) process.exitCode = 1;
	}
}
