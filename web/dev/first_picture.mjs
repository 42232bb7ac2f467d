/* first_picture.mjs - how long from the wish to the picture, in a real browser.
 *
 *   node dev/first_picture.mjs URL [ROUNDS]      env CHROMIUM=/path, TRACE=1 (says what was fetched when)
 *
 * Three wishes: the address opened anew, a tile chosen on On now, and the next channel. Milliseconds to the first frame
 * shown (requestVideoFrameCallback), the first round left out: it prepares the channels. */
import { chromium } from "playwright-core";

const [base = "http://127.0.0.1:8099", rounds = "5"] = process.argv.slice(2);
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });

/* Runs in the page: the first frame of the big picture after `wished`; of another stream, where one was shown before. */
const frame = (after) => new Promise((done) => {
	const look = () => {
		const video = document.querySelector("main video:not([aria-hidden])");
		if (!video) return requestAnimationFrame(look);
		const wait = () => video.requestVideoFrameCallback(() => done(performance.now() - (window.wished ?? 0)));
		if (after) video.addEventListener("emptied", wait, { once: true });
		else wait();
	};
	look();
});
const trace = () => page.evaluate(() => performance.getEntriesByType("resource").filter((e) => e.startTime > (window.wished ?? 0) - 1).map((e) => `    ${Math.round(e.startTime - (window.wished ?? 0))}-${Math.round(e.responseEnd - (window.wished ?? 0))} ${e.name.replace(/^https?:..[^/]*/, "")}`).slice(0, 24).join("\n"));

const numbers = (await fetch(`${base}/api/channels`).then((r) => r.json())).items.filter((c) => c.state === "ready").map((c) => c.number);
const wishes = {
	"opened anew": async () => {
		await page.goto("about:blank");
		await page.goto(`${base}/watch/${numbers[0]}`, { waitUntil: "commit" });
		return page.evaluate(frame);
	},
	"chosen on On now": async () => {
		await page.goto(base, { waitUntil: "load" });
		await page.waitForTimeout(3_500);
		return page.evaluate(`(() => { window.wished = performance.now(); document.querySelector('a[href="/watch/${numbers[0]}"][data-first]')?.click() ?? document.querySelector('main a[href^="/watch/"]').click(); return (${frame})(); })()`);
	},
	"next channel": async () => {
		return page.evaluate(`(() => { window.wished = performance.now(); const shown = (${frame})(true); dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" })); return shown; })()`);
	},
};
for (const [name, wish] of Object.entries(wishes)) {
	const took = [];
	for (let round = 0; round <= Number(rounds); round++) {
		took.push(Math.round(await wish()));
		if (process.env.TRACE && round === Number(rounds)) console.log(await trace());
		await page.waitForTimeout(700);
	}
	const rest = took.slice(1).sort((a, b) => a - b);
	console.log(`${name}: ${rest.join(" ")} ms, median ${rest[Math.floor(rest.length / 2)]} (first round ${took[0]})`);
}
await browser.close();
