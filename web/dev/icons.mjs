/* icons.mjs - the icons that cannot be SVG, from public/icon.svg: with its corners, and whole for systems that cut their own.
 *
 *   node dev/icons.mjs      env CHROMIUM=/path */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { chromium } from "playwright-core";

const svg = fs.readFileSync(new URL("../public/icon.svg", import.meta.url), "utf8");
/* Cut to a circle nothing of the sign may go: it keeps to the middle. */
const whole = svg.replace(' rx="14"', "").replace("<path", '<g transform="translate(32 32) scale(.78) translate(-32 -31)"><path').replace("</svg>", "</g></svg>");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--headless", "--no-sandbox", "--disable-gpu"] });
for (const [name, source, size] of [["icon-192", svg, 192], ["icon-512", svg, 512], ["icon-whole-512", whole, 512], ["icon-whole-180", whole, 180]]) {
	const page = await browser.newPage({ viewport: { width: size, height: size } });
	await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${source}`);
	const path = new URL(`../public/${name}.png`, import.meta.url).pathname;
	const raw = `${path}.raw`;
	await page.screenshot({ path: raw, omitBackground: true, type: "png" });
	execFileSync("ffmpeg", ["-v", "error", "-y", "-f", "png_pipe", "-i", raw, "-lavfi", "split[a][b];[a]palettegen=max_colors=64:reserve_transparent=1[p];[b][p]paletteuse=dither=none", "-frames:v", "1", "-compression_level", "100", path]);
	fs.rmSync(raw);
	await page.close();
	console.log(`${name}.png: ${fs.statSync(path).size} bytes`);
}
await browser.close();
