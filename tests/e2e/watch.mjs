// node watch.mjs NODE_MODULES URL SECONDS: plays a live playlist with hls.js in headless Chromium; prints one line of JSON.
// The page is answered here, under the server's own origin, so that nothing but the stream comes from the server.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
const [modules, url, seconds] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const require = createRequire(modules + '/');
const { chromium } = require(modules + '/playwright-core');
const hls = readFileSync(modules + '/hls.js/dist/hls.min.js', 'utf8');
const page_at = new URL('/e2e-player.html', url).href;
const html = `<!doctype html><meta charset=utf-8><video id=v muted playsinline width=640></video><script>${hls.replaceAll('</script', '<\\/script')}</script><script>
const v = document.getElementById('v'), seen = { playing: null, stalls: [], errors: [] }, t0 = performance.now();
window.seen = seen;
const now = () => Math.round(performance.now() - t0);
const h = new Hls({ debug: false });
h.on(Hls.Events.ERROR, (e, d) => seen.errors.push(d.details + (d.fatal ? ' (fatal)' : '') + (d.reason ? ': ' + d.reason : '') + ' at ' + now()));
h.on(Hls.Events.MANIFEST_PARSED, () => v.play());
v.addEventListener('playing', () => { if (seen.playing === null) seen.playing = now(); });
v.addEventListener('waiting', () => { if (seen.playing !== null) seen.stalls.push([now(), v.currentTime]); });
h.loadSource(${JSON.stringify(url)});
h.attachMedia(v);
</script>`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-gpu',
	'--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
	'--autoplay-policy=no-user-gesture-required'] });
const page = await browser.newPage();
await page.route(page_at, route => route.fulfill({ contentType: 'text/html', body: html }));
await page.goto(page_at);
await page.waitForTimeout(seconds * 1000);
console.log(JSON.stringify(await page.evaluate(() => {
	const v = document.querySelector('video'), q = v.getVideoPlaybackQuality(), s = window.seen;
	let played = 0;
	for (let i = 0; i < v.played.length; i++)
		played += v.played.end(i) - v.played.start(i);
	return { first_picture_ms: s.playing, stalls: s.stalls, errors: s.errors, played_s: Math.round(played * 100) / 100,
		gaps: Math.max(0, v.buffered.length - 1), frames: q.totalVideoFrames, dropped: q.droppedVideoFrames };
})));
await browser.close();
