/* look.mjs - photographs one address after doing something there, wide and narrow, dark and light.
 *
 *   node dev/look.mjs URL OUT [STEP...]    STEP: click:TEXT  press:KEY  type:TEXT  fill:LABEL=TEXT  wait:MS  full
 *
 * click and fill find by the words a person sees. Prints what the console complained of. SIZES, THEMES as in shots.mjs. */
import { chromium } from "playwright-core";

const [url, out, ...steps] = process.argv.slice(2);
const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"] });
let failed = false;
for (const size of (process.env.SIZES ?? "wide,phone").split(","))
	for (const theme of (process.env.THEMES ?? "dark,light").split(",")) {
		const page = await browser.newPage({ viewport: SIZES[size], hasTouch: size === "phone", isMobile: size === "phone" });
		await page.addInitScript((value) => localStorage.setItem("matinee.theme", value), theme);
		page.on("console", (m) => ["error", "warning"].includes(m.type()) && console.log(`  ${size} ${theme}: ${m.text()}`));
		page.on("pageerror", (error) => console.log(`  ${size} ${theme}: page error: ${error.message}`));
		await page.goto(url, { waitUntil: "domcontentloaded" });
		await page.waitForTimeout(1500);
		let full = false;
		for (const step of steps) {
			const [what, rest = ""] = [step.slice(0, (step + ":").indexOf(":")), step.slice(step.indexOf(":") + 1)];
			try {
				if (what === "full") full = true;
				else if (what === "click") {
					const ways = [page.getByRole("button", { name: rest, exact: true }), page.getByText(rest, { exact: true }), page.getByLabel(rest, { exact: true }), page.getByText(rest)];
					let found = ways.at(-1);
					for (const way of ways.toReversed()) if (await way.count()) found = way;
					await found.first().click({ timeout: 4000 });
				}
				else if (what === "press") await page.keyboard.press(rest);
				else if (what === "type") await page.keyboard.type(rest);
				else if (what === "wait") await page.waitForTimeout(Number(rest));
				else if (what === "fill") await page.getByLabel(rest.split("=")[0]).first().fill(rest.slice(rest.indexOf("=") + 1), { timeout: 4000 });
				await page.waitForTimeout(250);
			} catch (cause) {
				failed = true;
				console.log(`  ${size} ${theme}: ${step}: ${cause.message.split("\n")[0]}`);
			}
		}
		const wide = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, innerWidth)) - page.viewportSize().width;
		if (wide > 1) console.log(`  ${size} ${theme}: the page is ${wide} px wider than the window`);
		await page.screenshot({ path: `${out}-${size}-${theme}.png`, fullPage: full });
		await page.close();
	}
await browser.close();
process.exitCode = failed ? 1 : 0;
