/* Times, lengths and counts as people say them. */
import assert from "node:assert/strict";
import { test } from "node:test";

process.env.TZ = "Europe/Berlin";
const w = await import("../src/lib/words.ts");

const at = (iso: string) => Date.parse(iso);
const now = at("2026-11-21T19:00:00Z"); /* 20:00 in Berlin, a Saturday */

test("clock and days are the viewer's", () => {
	assert.equal(w.clockWord(now), "20:00");
	assert.equal(w.secondsWord(now + 5_000), "20:00:05");
	assert.equal(w.dateWord(now), "Saturday 21 November");
	assert.equal(w.dayWord(now, now), "today");
	assert.equal(w.dayWord(at("2026-11-21T23:30:00Z"), now), "tomorrow"); /* 00:30 in Berlin */
	assert.equal(w.dayWord(at("2026-11-20T12:00:00Z"), now), "yesterday");
	assert.equal(w.dayWord(at("2026-11-24T12:00:00Z"), now), "Tuesday");
	assert.equal(w.dayWord(at("2026-12-24T12:00:00Z"), now), "24 December");
});

test("twice twelve hours where the viewer has them", () => {
	w.setTwelve(true);
	const nb = "\u00a0";
	assert.equal(w.clockWord(now), `8:00${nb}pm`);
	assert.equal(w.secondsWord(at("2026-11-20T23:05:09Z")), `12:05:09${nb}am`);
	assert.equal(w.clockWord(at("2026-11-21T11:30:00Z")), `12:30${nb}pm`);
	assert.equal(w.whenWord(now + 24.5 * 3_600_000, now), `tomorrow 8:30${nb}pm`);
	w.setTwelve(false);
	assert.equal(w.clockWord(now), "20:00");
});

test("the day the clocks change has its own length", () => {
	const before = at("2026-10-24T12:00:00Z");
	assert.equal(w.dayStart(before, 1), at("2026-10-24T22:00:00Z"));
	assert.equal(w.dayStart(before, 2), at("2026-10-25T23:00:00Z"));
	assert.equal(w.dayWord(at("2026-10-25T22:30:00Z"), before), "tomorrow");
});

test("when", () => {
	const rows: [number, string][] = [
		[now + 2_000, "now"],
		[now + 30_000, "in a moment"],
		[now + 240_000, "in 4 min"],
		[now + 190_000, "in 4 min"],
		[now + 2 * 3_600_000, "at 22:00"],
		[now + 24.5 * 3_600_000, "tomorrow 20:30"],
		[now - 3_600_000, "at 19:00"],
	];
	for (const [t, word] of rows) assert.equal(w.whenWord(t, now), word);
});

test("left and lengths", () => {
	assert.equal(w.leftWord(now + 12 * 60_000, now), "12 min left");
	assert.equal(w.leftWord(now + 59_000, now), "59 s left");
	assert.equal(w.leftWord(now + 59_400, now), "1 min left");
	assert.equal(w.leftWord(now - 5, now), "0 s left");
	assert.equal(w.leftWord(now + 60_001, now), "2 min left");
	const rows: [number, string][] = [[0, "0 s"], [45_000, "45 s"], [60_000, "1 min"], [96_930, "1 min 37 s"], [119_800, "2 min"], [3_599_999, "1 h"], [5_520_000, "1 h 32 min"], [7_200_000, "2 h"]];
	for (const [ms, word] of rows) assert.equal(w.lengthWord(ms), word);
	assert.equal(w.uptimeWord(90_000_000), "1 day");
	assert.equal(w.uptimeWord(86_399_000), "23 h");
	assert.equal(w.uptimeWord(214_000), "3 min");
	assert.equal(w.uptimeWord(26_000), "26 s");
	assert.equal(w.uptimeWord(3 * 86_400_000), "3 days");
});

test("timecode, sizes, counts", () => {
	assert.equal(w.timecode(5_528_480), "01:32:08");
	assert.equal(w.timecode(5_528_480, 25), "01:32:08.12");
	assert.equal(w.sizeWord(0), "0 B");
	assert.equal(w.sizeWord(999), "999 B");
	assert.equal(w.sizeWord(999_999), "1 MB");
	assert.equal(w.sizeWord(1_430_000_000), "1.4 GB");
	assert.equal(w.containerWord("mov,mp4,m4a,3gp,3g2,mj2"), "MP4");
	assert.equal(w.containerWord("matroska,webm"), "Matroska");
	assert.equal(w.containerWord("nut"), "nut");
	assert.equal(w.countWord(10_412), "10,412");
	assert.equal(w.many(1, "file"), "1 file");
	assert.equal(w.many(0, "file"), "0 files");
});

test("pictures, codecs, kinds, episodes", () => {
	const rows: [number | null, number | null, string][] = [[1920, 800, "1080p"], [1920, 1080, "1080p"], [1280, 720, "720p"], [720, 576, "576p"], [3840, 2160, "4K"], [2560, 1440, "1440p"], [null, null, ""]];
	for (const [width, height, word] of rows) assert.equal(w.pictureWord(width, height), word);
	assert.equal(w.codecWord("h264"), "H.264");
	assert.equal(w.codecWord("weird"), "weird");
	assert.equal(w.kindWord("movie", true), "Films");
	assert.equal(w.kindWord("home_video", true), "Home videos");
	assert.equal(w.episodeWord(2, 5), "S2 E5");
	assert.equal(w.episodeWord(null, 5), "Episode 5");
	assert.equal(w.episodeWord(2, null), "Season 2");
	assert.equal(w.episodeWord(null, null), "");
});

test("the station's sentences speak of times as people here do", () => {
	const now = Date.parse("2026-11-26T12:00:00Z");
	const at = (stamp: string) => w.clockWord(Date.parse(stamp));
	assert.equal(w.spoken("the house was down for 00:01:01.18, from 2026-11-26T11:33:28.668Z to 2026-11-26T11:34:29.851Z", now), `the house was down for 1 min 1 s, from ${at("2026-11-26T11:33:28Z")} to ${at("2026-11-26T11:34:29Z")}`);
	assert.equal(w.spoken("Film (1999) at 10:30 of 2026-11-26", now), "Film (1999) at 10:30 of 2026-11-26");
	assert.match(w.pastWord(now - 24 * 3_600_000, now), /^yesterday /);
});

test("a date field is a day here, to its last second", () => {
	assert.equal(w.dateField(w.dayEnd("2026-11-26")), "2026-11-26");
	assert.equal(w.dateField("2026-11-26"), "2026-11-26");
	assert.equal(new Date(w.dayEnd("2026-02-28")).getHours(), 23);
});
