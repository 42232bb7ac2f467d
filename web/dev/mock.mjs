/* mock.mjs - a station made of paper, to build and look at the page without the server. Development only.
 *
 *   node dev/mock.mjs [--port 8099] [--empty] [--channels N] [--short]
 *
 * Serves dist/ with the headers the real server sends (CSP included), a made-up library of 10,000 items, a guide
 * that is a pure function of the clock, and one HLS stream (made once by ffmpeg) for every channel, live for ever.
 * --empty: nothing is set up yet; --short: every programme lasts 1 to 3 minutes. Ctrl-C ends it. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { rooms } from "./mock_rooms.mjs";
import { scene } from "./scene.mjs";

const { values: options } = parseArgs({
	options: { port: { type: "string", default: "8099" }, empty: { type: "boolean" }, short: { type: "boolean" }, channels: { type: "string", default: "14" } },
});
const DIST = new URL("../dist/", import.meta.url).pathname;
const started = Date.now();
const rfc = (t) => new Date(t).toISOString().replace(/\.\d+Z/, "Z");

/* ---- a repeatable random */
function random(seed) {
	let s = seed >>> 0 || 1;
	return () => ((s = Math.imul(s ^ (s >>> 15), 0x2c1b3c6d) + 0x9e3779b9 >>> 0), ((s ^ (s >>> 13)) >>> 0) / 4294967296);
}
const pick = (r, list) => list[Math.floor(r() * list.length)];

/* ---- the library */
const FIRST = "Night Paper Silver The Long Second Broken Quiet Golden Winter Last Harbour Glass Northern Distant Little Crooked Electric Summer Hollow Velvet".split(" ");
const SECOND = "Train Harvest Moon Detective Station Garden Letters Voyage Orchard Signal Bakery Lighthouse Symphony Border River Mirror Museum Clockmaker Express Holiday".split(" ");
const SHOWS = ["The Lighthouse Keepers", "Kitchen at Nine", "Paper Moons", "Detective Harrow", "Wild Shores", "The Long Shift", "Northern Line", "Small Engines", "Cassini's Children", "Museum Hours", "Żywot Gwiazd", "Café Amélie"];
const EPISODES = ["Pilot", "The Letter", "A Storm Off the Cape", "Salt", "What the Tide Brought In", "Sunday Service", "The Visitor", "Low Water", "A Proper Send-off", "Fog"];
const library = [];
for (let id = 1; id <= (options.empty ? 0 : 10_000); id++) {
	const r = random(id * 7919);
	r();
	const kind = id % 9 === 0 ? "movie" : id % 31 === 0 ? "commercial" : id % 57 === 0 ? "bumper" : "episode";
	const [width, height] = pick(r, [[1920, 1080], [1920, 800], [1280, 720], [720, 576], [3840, 2160]]);
	const minutes = kind === "movie" ? 80 + r() * 70 : kind === "episode" ? (id % 2 ? 21 : 44) + r() * 8 : 0.3 + r();
	const show = kind === "episode" ? SHOWS[id % SHOWS.length] : null;
	const n = Math.floor(id / SHOWS.length);
	const title = show ?? `${pick(r, FIRST)} ${pick(r, SECOND)}${kind === "commercial" ? " (spot)" : ""}`;
	library.push({
		id, kind, title, sort_title: title.replace(/^The /, ""), year: 1948 + Math.floor(r() * 78), show,
		season: show ? 1 + Math.floor(n / 10) : null, episode: show ? 1 + (n % 10) : null, episode_title: show ? EPISODES[n % 10] : null,
		duration_ms: Math.round(minutes * 60_000), width, height, video_codec: pick(r, ["h264", "h264", "hevc", "mpeg2video"]),
		audio_codec: pick(r, ["aac", "ac3", "eac3"]), size: Math.round(minutes * 1e7 * (0.5 + r() * 4)),
		state: id % 211 === 0 ? "missing" : id % 307 === 0 ? "failed" : id % 97 === 0 ? "new" : "ok",
		thumbnail: id % 13 === 0 ? null : `/media/${id}/thumbnail.jpg`,
	});
}
const kinds = {};
for (const item of library) kinds[item.kind] = (kinds[item.kind] ?? 0) + 1;

/* ---- the channels */
const NAMES = ["Matinee One", "Cinema Paradiso", "Detective Row", "Wild Shores", "Kitchen at Nine", "Saturday Serials", "Night Owls", "Museum Hours", "Northern", "Silver Screen", "Children's Hour", "Shorts & Oddities", "The Long Weekend", "Loop"];
const ABOUT = ["A bit of everything, well chosen.", "Films, uncut, one after the other.", "Every evening a body.", "Sea, sky and those who live there.", "Someone is always cooking.", "Cliffhangers since the morning.", "For those who cannot sleep."];
const HUES = [38, 265, 8, 190, 52, 320, 230, 155, 205, 285, 95, 340, 20, 170];
const channels = [];
for (let i = 0; i < (options.empty ? 0 : Number(options.channels)); i++) {
	const number = i < 12 ? i + 1 : i < 14 ? [42, 99][i - 12] : 100 + i;
	channels.push({
		id: i + 1, number, name: NAMES[i] ?? `Channel ${number}`, description: ABOUT[i] ?? "Always something on.", hue: HUES[i] ?? (i * 47) % 360,
		enabled: true, profile: "720p", logo: `/channel/${number}/logo.png`, stream: `/channel/${number}.m3u8`, ts: `/channel/${number}.ts`,
		viewers: i === 0 ? 2 : 0, state: i === 9 ? "empty" : i === 10 ? "building" : "ready",
	});
}

/* One day of a channel, from a fixed beginning, is always the same. */
const DAY = 86_400_000;
const days = new Map();
function day(channel, start) {
	const key = `${channel.id}/${start}`;
	if (days.has(key)) return days.get(key);
	const r = random(channel.id * 104729 + start / DAY);
	const list = [];
	let t = start;
	const short = options.short || channel.id === 12;
	const wanted = channel.id === 2 ? "movie" : channel.id % 4 === 1 ? null : "episode";
	while (t < start + DAY) {
		let item = library[Math.floor(r() * library.length)];
		for (let tries = 0; tries < 40 && (item.kind === "commercial" || item.kind === "bumper" || (wanted && item.kind !== wanted)); tries++) item = library[Math.floor(r() * library.length)];
		const length = short ? 45_000 + Math.floor(r() * 120) * 1000 : Math.ceil((item.duration_ms * 1.18) / 300_000) * 300_000;
		const end = Math.min(t + length, start + DAY);
		list.push({
			id: `${channel.id}-${t}`, channel: channel.id, number: channel.number, start: rfc(t), end: rfc(end), duration_ms: end - t,
			title: item.title, subtitle: item.episode_title, kind: "programme", item_kind: item.kind, season: item.season, episode: item.episode,
			year: item.year, item_id: item.id, thumbnail: item.thumbnail,
		});
		t = end;
	}
	days.set(key, list);
	return list;
}
function programmes(channel, from, to) {
	if (channel.state === "empty" || channel.state === "building") return [];
	const found = [];
	for (let d = Math.floor(from / DAY) * DAY; d < to; d += DAY) found.push(...day(channel, d).filter((p) => Date.parse(p.end) > from && Date.parse(p.start) < to));
	return found;
}
function onNow(channel, t) {
	const [now, next] = programmes(channel, t, t + DAY);
	if (!now) return { now: null, next: null, on: null };
	const on = channel.id === 3
		? { kind: "commercial", title: "Orchard Tea", start: rfc(t - 8_000), end: rfc(t + 22_000) }
		: { kind: "programme", title: now.title, start: now.start, end: now.end };
	return { now, next, on };
}

/* ---- the stream: a 24 s reel, repeated for ever */
const REEL = path.join(os.tmpdir(), "matinee-mock-reel");
const SEGMENTS = 12;
function makeReel() {
	if (fs.existsSync(path.join(REEL, `${SEGMENTS - 1}.ts`))) return;
	fs.mkdirSync(REEL, { recursive: true });
	execFileSync("ffmpeg", ["-hide_banner", "-loglevel", "error", "-y",
		"-f", "lavfi", "-i", "gradients=s=640x360:r=25:n=4:c0=0x0b1d3a:c1=0xd9583b:c2=0xf3b562:c3=0x264b6e:speed=0.012:d=24",
		"-f", "lavfi", "-i", "sine=f=220:d=24,volume=0.05", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "veryfast", "-crf", "26", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0",
		"-c:a", "aac", "-b:a", "64k", "-f", "segment", "-segment_time", "2", "-segment_format", "mpegts", path.join(REEL, "%d.ts")]);
}
function playlist(number) {
	const last = Math.floor(Date.now() / 2000) - 1;
	const first = last - 14;
	let text = `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:3\n#EXT-X-MEDIA-SEQUENCE:${first}\n#EXT-X-DISCONTINUITY-SEQUENCE:${Math.floor((first - 1) / SEGMENTS)}\n`;
	for (let seq = first; seq <= last; seq++) {
		if (seq % SEGMENTS === 0) text += "#EXT-X-DISCONTINUITY\n";
		text += `#EXT-X-PROGRAM-DATE-TIME:${new Date(seq * 2000).toISOString()}\n#EXTINF:2.000,\n/channel/${number}/s/1/${seq}.ts\n`;
	}
	return text;
}

/* ---- the answers */
const json = (res, body, status = 200) => send(res, status, "application/json", JSON.stringify(body));
const fail = (res, status, code, message) => json(res, { error: { code, message } }, status);
function send(res, status, type, body, more = {}) {
	res.writeHead(status, {
		"content-type": type, "cache-control": "no-store",
		"content-security-policy": "default-src 'self'; media-src 'self' blob:; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
		"x-content-type-options": "nosniff", ...more,
	});
	res.end(body);
}
const listeners = new Set();
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".webmanifest": "application/manifest+json" };

function status() {
	return {
		version: "0.1.0-paper", now: new Date().toISOString(), started: rfc(started), uptime_ms: Date.now() - started,
		library: { items: library.length, files: library.length + 412, missing: options.empty ? 0 : 47, failed: options.empty ? 0 : 32, unprobed: options.empty ? 0 : 103, roots: options.empty ? 0 : 3, kinds },
		channels: { total: channels.length, watched: options.empty ? 0 : 1 },
		workers: options.empty ? [{ pid: 4110, job: null, detail: null, since: null }] : [
			{ pid: 4110, job: "encode", detail: "channel 1, segment 811204", since: rfc(Date.now() - 4_000) },
			{ pid: 4111, job: "probe", detail: "/srv/films/The Long Harvest (1962).mkv", since: rfc(Date.now() - 1_000) },
			{ pid: 4112, job: null, detail: null, since: null }],
		cache: { bytes: options.empty ? 0 : 7.4e9, limit: 2e10, segments: options.empty ? 0 : 18_402 }, encode: { speed: options.empty ? null : 6.2 }, viewers: options.empty ? 0 : 2,
		scan: options.empty ? { running: false, root: null, seen: 0, probed: 0, to_probe: 0 } : { running: true, root: "/srv/films", seen: 8_112, probed: 640, to_probe: 743 },
	};
}

function items(url) {
	/* Words, and kind: of the fields; the rest of the language is the real station's. */
	const text = url.searchParams.get("q") ?? "";
	const kind = /(?:^| )kind:([a-z]+)(?: |$)/.exec(text)?.[1] ?? url.searchParams.get("kind");
	const q = text.replace(/(^| )-?[a-z_]+:\S+/gi, "").trim().toLowerCase();
	const sort = url.searchParams.get("sort") ?? "title";
	const found = library.filter((item) => (!kind || item.kind === kind) && (!q || `${item.title} ${item.episode_title ?? ""} ${item.year}`.toLowerCase().includes(q)));
	const by = { title: (a, b) => a.sort_title.localeCompare(b.sort_title) || a.season - b.season || a.episode - b.episode, year: (a, b) => b.year - a.year, duration: (a, b) => b.duration_ms - a.duration_ms, added: (a, b) => b.id - a.id }[sort];
	found.sort(by);
	const offset = Number(url.searchParams.get("offset") ?? 0);
	return { total: found.length, items: found.slice(offset, offset + Number(url.searchParams.get("limit") ?? 100)) };
}

function item(id) {
	const it = library[id - 1];
	if (!it) return null;
	const airings = [];
	for (const channel of channels) airings.push(...programmes(channel, Date.now(), Date.now() + DAY).filter((p) => p.title === it.title).slice(0, 2));
	return {
		...it, airings: airings.slice(0, 8), markers: station.marks(id),
		files: [{
			id, path: `/srv/media/${it.title}/${it.title}${it.season ? ` - S${String(it.season).padStart(2, "0")}E${String(it.episode).padStart(2, "0")}` : ` (${it.year})`}.mkv`, size: it.size, mtime: "2025-03-02T18:12:00Z",
			state: it.state, error: it.state === "failed" ? "no video frame could be decoded in the first 30 s" : null, container: "matroska", duration_ms: it.duration_ms, video_codec: it.video_codec, width: it.width, height: it.height,
			fps: 25, interlaced: it.height === 576, audio_codec: it.audio_codec, audio_channels: 6, bit_rate: Math.round((it.size * 8000) / it.duration_ms),
			streams: [{ index: 0, type: "video", codec: it.video_codec }, { index: 1, type: "audio", codec: it.audio_codec, language: "en", channels: 6 }, { index: 2, type: "subtitle", codec: "subrip", language: "de" }],
		}],
	};
}

const station = rooms({ library, channels, random, rfc });

const LOG = ["matinee 0.1.0 on the air at 127.0.0.1:8099", "14 channels, 13 with a schedule", "scan of /srv/films began", "worker 4111 took /srv/films/The Long Harvest (1962).mkv", "warning: /srv/films/Fog.avi: no video frame could be decoded in the first 30 s; left out until it changes", "channel 1 woke in 0.21 s", "viewer joined channel 1 (hls.js)", "112 segments prepared for channel 7"];

async function bodyOf(req) {
	let text = "";
	for await (const piece of req) text += piece;
	return text ? JSON.parse(text) : null;
}

const server = http.createServer(async (req, res) => {
	const url = new URL(req.url, "http://mock");
	const p = url.pathname;
	const t = Date.now();
	let m;
	const own = p.startsWith("/api/") && station.answer(req.method, p, url, req.method === "GET" ? null : await bodyOf(req));
	if (own) {
		if (req.method !== "GET") for (const line of listeners) line.write(`event: ${p.includes("alert") ? "alert" : p.includes("channel") ? "channel" : "job"}\ndata: {}\n\n`);
		return own.status === 204 ? (res.writeHead(204), res.end()) : json(res, own.body, own.status);
	}
	if (p === "/api/status") return json(res, status());
	if (p === "/api/channels") return json(res, { total: channels.length, items: channels.map((c) => ({ ...c, ...onNow(c, t) })) });
	if (p === "/api/guide") {
		const from = Date.parse(url.searchParams.get("from"));
		const to = Date.parse(url.searchParams.get("to"));
		return json(res, { from: rfc(from), to: rfc(to), channels: channels.map(({ id, number, name, hue, logo, state }) => ({ id, number, name, hue, logo, programmes: programmes({ id, number, state }, from, to) })) });
	}
	if (p === "/api/items") return json(res, items(url));
	if ((m = /^\/api\/items\/(\d+)$/.exec(p))) return item(Number(m[1])) ? json(res, item(Number(m[1]))) : fail(res, 404, "not_found", `There is no item ${m[1]}.`);
	if (p === "/api/log") return json(res, { lines: Array.from({ length: 60 }, (_, i) => `${rfc(t - (60 - i) * 61_000)} ${LOG[i % LOG.length]}`) });
	if (p === "/api/events") {
		res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
		res.write(": hello\n\n");
		listeners.add(res);
		return req.on("close", () => listeners.delete(res));
	}
	if ((m = /^\/channel\/(\d+)\.m3u8$/.exec(p))) return channels.some((c) => c.number === Number(m[1]) && c.state === "ready") ? send(res, 200, "application/vnd.apple.mpegurl", playlist(m[1])) : fail(res, 404, "not_found", "No such channel.");
	if ((m = /^\/channel\/\d+\/s\/1\/(\d+)\.ts$/.exec(p))) return send(res, 200, "video/mp2t", fs.readFileSync(path.join(REEL, `${Number(m[1]) % SEGMENTS}.ts`)), { "cache-control": "max-age=3600" });
	if ((m = /^\/media\/(\d+)\/thumbnail\.jpg$/.exec(p))) return send(res, 200, "image/svg+xml", scene(Number(m[1])), { "cache-control": "max-age=3600" });
	if (/^\/media\/\d+\/file$/.test(p)) return send(res, 200, "video/mp2t", fs.readFileSync(path.join(REEL, "0.ts")));
	if (/^\/(api|channel|media)\//.test(p)) return fail(res, 404, "not_found", `Nothing is at ${p}.`);
	const file = path.join(DIST, path.normalize(p));
	const found = file.startsWith(DIST) && fs.existsSync(file) && fs.statSync(file).isFile() ? file : path.join(DIST, "index.html");
	send(res, 200, TYPES[path.extname(found)] ?? "application/octet-stream", fs.readFileSync(found));
});

setInterval(() => {
	for (const res of listeners) res.write(`event: status\ndata: {}\n\n`);
}, 15_000).unref();
makeReel();
server.listen(Number(options.port), "127.0.0.1", () => console.log(`A paper station is on the air at http://127.0.0.1:${options.port}/`));
