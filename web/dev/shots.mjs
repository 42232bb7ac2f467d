/* shots.mjs - photographs every room, in both sizes and both themes, of any server.
 *
 *   node dev/shots.mjs URL OUTDIR [ROOM...]      ROOM: onnow watch over guide past library item station channel newchannel
 *      duplicates junk unknown trash organise folders screens activity help
 *   env CHROMIUM=/path (default /usr/bin/chromium), SIZES=wide,phone,tv  THEMES=dark,light  ITEM=id
 *
 * Prints what the console complained of (CSP reports among it) and exits 1 if anything did. */
import fs from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

const [base = "http://127.0.0.1:8099", out = "shots", ...only] = process.argv.slice(2);
const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 }, tv: { width: 1920, height: 1080 } };
const sizes = (process.env.SIZES ?? "wide,phone").split(",");
const themes = (process.env.THEMES ?? "dark,light").split(",");
const number = await fetch(`${base}/api/channels`).then((r) => r.json()).then((list) => list.items[0]?.number ?? 1, () => 1);
const item = process.env.ITEM ?? (await fetch(`${base}/api/items?limit=1&kind=episode`).then((r) => r.json()).then((list) => list.items[0]?.id ?? 1, () => 1));
const ROOMS = {
	onnow: { path: "/", wait: 4000 },
	watch: { path: `/watch/${number}`, wait: 4500 },
	over: { path: `/watch/${number}`, wait: 3500, then: (page) => page.keyboard.press("Shift+ArrowLeft").then(() => page.waitForTimeout(3000)) },
	guide: { path: "/guide", wait: 2000 },
	past: { path: "/guide", wait: 2000, then: async (page) => { for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowLeft"); } },
	library: { path: "/library", wait: 1500 },
	item: { path: `/library/${item}`, wait: 1500 },
	station: { path: "/station", wait: 1500 },
	channel: { path: "/station/1", wait: 1800 },
	newchannel: { path: "/station/new", wait: 1500 },
	duplicates: { path: "/library/duplicates", wait: 1200 },
	junk: { path: "/library/junk", wait: 1200 },
	trash: { path: "/library/trash", wait: 1200 },
	unknown: { path: "/library/unknown", wait: 1200 },
	organise: { path: "/library/organise", wait: 1200, then: (page) => page.getByRole("button", { name: "Show what would become of them" }).click().then(() => page.waitForTimeout(1200)) },
	folders: { path: "/library/folders", wait: 1200 },
	screens: { path: "/screens", wait: 800 },
	activity: { path: "/activity", wait: 1500 },
	help: { path: "/guide", wait: 1200, then: (page) => page.keyboard.press("?") },
};

fs.mkdirSync(out, { recursive: true });
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"],
});
let complaints = 0;
for (const size of sizes)
	for (const theme of themes) {
		const context = await browser.newContext({ viewport: SIZES[size], hasTouch: size === "phone", isMobile: size === "phone", deviceScaleFactor: 1 });
		await context.addInitScript((value) => localStorage.setItem("matinee.theme", value), theme);
		const page = await context.newPage();
		for (const [name, room] of Object.entries(ROOMS)) {
			if (only.length && !only.includes(name)) continue;
			const said = [];
			const hear = (message) => ["error", "warning"].includes(message.type()) && said.push(message.text());
			const fell = (error) => said.push(`page error: ${error.message}`);
			page.on("console", hear);
			page.on("pageerror", fell);
			await page.goto(base + room.path, { waitUntil: "domcontentloaded" });
			await page.waitForTimeout(room.wait);
			if (room.then) {
				await room.then(page);
				await page.waitForTimeout(500);
			}
			const wide = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, innerWidth)) - page.viewportSize().width;
			if (wide > 1) said.push(`the page is ${wide} px wider than the window`);
			await page.screenshot({ path: path.join(out, `${name}-${size}-${theme}.png`), timeout: 120_000 });
			page.off("console", hear);
			page.off("pageerror", fell);
			complaints += said.length;
			console.log(`${name} ${size} ${theme}${said.length ? `\n  ${said.join("\n  ")}` : ""}`);
		}
		await context.close();
	}
await browser.close();
process.exitCode = complaints ? 1 : 0;
