/* picture.mjs - the README's picture: On now, and before it the Guide, from a running server.
 *
 *   node dev/picture.mjs URL OUT.png      env CHROMIUM=/path
 *
 * Waits until the big tile plays and no channel is in a break. 1600 px wide; ffmpeg brings it to 256 colours. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

const [base = "http://127.0.0.1:8080", out = "../docs/picture.png"] = process.argv.slice(2);
const work = fs.mkdtempSync(path.join(os.tmpdir(), "matinee-picture."));
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required", "--hide-scrollbars"],
});

async function shoot(room, height, theme, ready) {
	const page = await browser.newPage({ viewport: { width: 1440, height }, deviceScaleFactor: 1.5, locale: "en-GB" });
	await page.addInitScript((value) => localStorage.setItem("matinee.theme", value), theme);
	await page.goto(base + room);
	await ready(page);
	const png = await page.screenshot({ timeout: 60_000 });
	await page.close();
	return `data:image/png;base64,${png.toString("base64")}`;
}

/* Every channel is some way into a programme of its own, with some of it left. */
for (let tries = 0; tries < 60; tries++) {
	const { items } = await fetch(`${base}/api/channels`).then((r) => r.json());
	const t = Date.now();
	if (new Set(items.map((c) => c.now?.title)).size === items.length && items.every((c) => c.on?.kind === "programme" && t - Date.parse(c.on.start) > 12_000 && Date.parse(c.on.end) - t > 16_000)) break;
	await new Promise((done) => setTimeout(done, 1_000));
}
const onnow = await shoot("/", 858, "dark", async (page) => {
	for (let tries = 0; tries < 60 && !(await page.evaluate(() => [...document.querySelectorAll("video")].some((v) => v.readyState > 2 && v.currentTime > 1))); tries++) await page.waitForTimeout(500);
	await page.waitForTimeout(2_500);
});
const guide = await shoot("/guide", 566, "dark", (page) => page.waitForTimeout(2_500));

const sheet = await browser.newPage({ viewport: { width: 1600, height: 1222 } });
await sheet.setContent(`<!doctype html><style>
	body { margin: 0; background: #0a0c10; overflow: hidden; }
	body::before { content: ""; position: absolute; inset: 0; background: radial-gradient(90% 70% at 80% 100%, #2a1c05, transparent 70%), radial-gradient(70% 60% at 5% 0%, #10202b, transparent 75%); }
	img { position: absolute; border-radius: 14px; box-shadow: 0 0 0 1px #2a2f38, 0 30px 80px #000c; }
</style><img src="${onnow}" style="left:40px;top:40px;width:1280px"><img src="${guide}" style="left:360px;top:710px;width:1200px">`);
await sheet.waitForTimeout(300);
await sheet.screenshot({ path: path.join(work, "whole.png") });
await browser.close();
execFileSync("ffmpeg", ["-v", "error", "-y", "-i", path.join(work, "whole.png"), "-lavfi", "split[a][b];[a]palettegen=max_colors=256:stats_mode=full[p];[b][p]paletteuse=dither=sierra2_4a", "-frames:v", "1", "-compression_level", "100", out]);
fs.rmSync(work, { recursive: true });
console.log(`${out}: ${fs.statSync(out).size} bytes`);
