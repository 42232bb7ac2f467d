// node page_watch.mjs NODE_MODULES URL [phone]: sits before the page's own player; one line of commands in, one line of JSON out.
// Commands: "playing" waits for a picture; "key K" presses a key; "still S" watches S seconds and tells the longest time
// in which the picture did not move; "says" tells what stands on the page; "go PATH" opens a room; "click NAME", "choose NAME" (by
// its words) and "fill LABEL=TEXT" do what a person does; "pick LABEL=WORD" takes one from a list, "check LABEL" ticks a box, "confirm NAME" answers a question; "reads TEXT" and "lost TEXT" wait until a text stands there, or no more;
// "back" goes back, "stands PATTERN" waits until the address is so, "axe FILE" tells what axe-core finds wrong with what is on the page,
// "beside N PATH" opens so many pages in the background of this browser and waits until each says something, "value LABEL" what stands in a field, "wide" tells by how much the page is wider than the window,
// "offline" and "offline no" take the network away and give it back, "unseen" and "seen" put the page into the background and back,
// "plays" whether there is sound, and what the lock screen says.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import readline from 'node:readline';
const [modules, url, size] = process.argv.slice(2);
const { chromium } = createRequire(modules + '/')(modules + '/playwright-core');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-gpu',
	'--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
	'--autoplay-policy=no-user-gesture-required'] });
const context = await browser.newContext(size === 'phone' ? { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } : { viewport: { width: 1280, height: 800 } });
const page = await context.newPage();
const errors = [];
page.on('pageerror', error => errors.push(error.message));
const open = new Set(); // what was asked for and is not there yet
page.on('request', request => open.add(request.url()));
for (const end of ['requestfinished', 'requestfailed'])
	page.on(end, request => open.delete(request.url()));
await page.goto(url);

const hide = () => {
	Object.defineProperty(document, 'hidden', { get: () => true, configurable: true });
	document.dispatchEvent(new Event('visibilitychange'));
	return {};
};

const commands = {
	async playing() { // asked again and again from here: the page's own policy forbids waitForFunction its eval
		const from = Date.now();
		while (!await page.evaluate(() => { const v = document.querySelector('main video'); return Boolean(v && v.readyState > 2 && !v.paused && v.currentTime > 0); })) {
			if (Date.now() - from > 30000)
				throw new Error('no picture in 30 s');
			await page.waitForTimeout(50);
		}
		return { ms: Date.now() - from };
	},
	async key(name) {
		await page.keyboard.press(name);
		await page.waitForTimeout(300);
		return {};
	},
	still: seconds => page.evaluate(ms => new Promise(done => {
		const video = document.querySelector('main video'), begin = performance.now();
		let place = video.currentTime, moved = begin, longest = 0, jumped = 0;
		const look = () => {
			const now = performance.now();
			longest = Math.max(longest, now - moved);
			if (video.currentTime !== place) {
				jumped = Math.max(jumped, Math.abs(video.currentTime - place));
				[place, moved] = [video.currentTime, now];
			}
			if (now - begin < ms) setTimeout(look, 20);
			else done({ longest_ms: Math.round(longest), largest_jump_s: jumped });
		};
		look();
	}), Number(seconds) * 1000),
	async go(path) {
		await page.goto(new URL(path, url).href);
		return {};
	},
	async click(...name) {
		const ways = [true, false].flatMap(exact => ['button', 'link'].map(role => page.getByRole(role, { name: name.join(' '), exact })));
		await ways[2].or(ways[3]).first().waitFor({ timeout: 15000 });
		let found = ways[3];
		for (const way of ways.reverse())
			if (await way.count()) found = way;
		await found.first().click({ timeout: 15000 });
		return {};
	},
	async confirm(...name) {
		await page.locator('dialog[open]').getByRole('button', { name: name.join(' ') }).click({ timeout: 15000 });
		return {};
	},
	async check(...name) {
		await page.getByLabel(name.join(' ')).first().check({ timeout: 15000 });
		return {};
	},
	async choose(...name) {
		await page.locator('main').getByText(name.join(' '), { exact: true }).first().click({ timeout: 15000 });
		return {};
	},
	async fill(...words) {
		const [label, ...text] = words.join(' ').split('=');
		await page.getByLabel(label).first().fill(text.join('='), { timeout: 15000 });
		return {};
	},
	async pick(...words) {
		const [label, word] = words.join(' ').split('=');
		await page.getByLabel(label).first().selectOption({ label: word }, { timeout: 15000 });
		return {};
	},
	async reads(...text) {
		await page.locator('body').getByText(text.join(' ')).first().waitFor({ timeout: 20000 });
		return { path: new URL(page.url()).pathname };
	},
	async lost(...text) {
		await page.locator('main').getByText(text.join(' ')).first().waitFor({ state: 'detached', timeout: 20000 });
		return {};
	},
	async beside(count, path) {
		for (let i = 0; i < Number(count); i++) {
			const other = await context.newPage();
			await other.goto(new URL(path, url).href, { timeout: 15000, waitUntil: 'domcontentloaded' });
			await other.locator('main h1').first().waitFor({ timeout: 15000 });
			await other.evaluate(hide);
			await other.waitForTimeout(2200);
		}
		return {};
	},
	wide: async () => ({ over: await page.evaluate(() => Math.max(innerWidth, document.documentElement.scrollWidth)) - page.viewportSize().width }),
	async value(...name) {
		return { value: await page.getByLabel(name.join(' ')).first().inputValue({ timeout: 15000 }) };
	},
	unseen: () => page.evaluate(hide),
	seen: () => page.evaluate(() => {
		delete document.hidden;
		document.dispatchEvent(new Event('visibilitychange'));
		return {};
	}),
	offline: on => context.setOffline(on !== 'no').then(() => ({})),
	async back() {
		await page.goBack();
		return {};
	},
	async stands(pattern) {
		const until = Date.now() + 15000;
		while (!new RegExp(pattern).test(new URL(page.url()).pathname + new URL(page.url()).search)) {
			if (Date.now() > until)
				throw new Error(`the address is ${page.url()}`);
			await page.waitForTimeout(50);
		}
		return { path: new URL(page.url()).pathname + new URL(page.url()).search };
	},
	async axe(file) { // over the protocol: the page's own policy forbids a script of ours
		const line = await page.context().newCDPSession(page);
		await line.send('Runtime.evaluate', { expression: fs.readFileSync(file, 'utf8') });
		const answer = await line.send('Runtime.evaluate', { awaitPromise: true, returnByValue: true, expression:
			`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(r => r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200)).join(' | ')))` });
		await line.detach();
		return { wrong: answer.result.value ?? [JSON.stringify(answer)] };
	},
	plays: () => page.evaluate(() => {
		const video = document.querySelector('main video'), { metadata } = navigator.mediaSession;
		return { muted: video.muted, paused: video.paused, title: metadata?.title, album: metadata?.album };
	}),
	says: async () => ({ open: [...open], ...await page.evaluate(() => ({ path: location.pathname + location.search, text: [...document.querySelectorAll('[aria-live]:not(main *), main')].map(e => e.innerText).reverse().join('\n') || document.documentElement.outerHTML })) }),
};
for await (const line of readline.createInterface({ input: process.stdin })) {
	const [name, ...rest] = line.trim().split(' ');
	const answer = await commands[name](...rest).catch(error => ({ failed: error.message.split('\n')[0] }));
	console.log(JSON.stringify({ ...answer, errors }));
}
await browser.close();
