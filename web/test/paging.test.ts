/* Pages, rows, routes, and the arrow keys. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pagesNeeded, rowsInView } from "../src/lib/paging.ts";
import { nearest, type Box } from "../src/lib/spatial.ts";
import { parseRoute, watchPath } from "../src/router.ts";
import { breakLine, quietLine, subline } from "../src/lib/programme.ts";

const none = () => false;

test("pages for the rows in view", () => {
	assert.deepEqual(pagesNeeded(0, 20, 10_000, 100, none), [0]);
	assert.deepEqual(pagesNeeded(95, 110, 10_000, 100, none), [1, 0]);
	assert.deepEqual(pagesNeeded(95, 110, 10_000, 100, (page) => page === 1), [0]);
	assert.deepEqual(pagesNeeded(9_990, 10_050, 10_000, 100, none), [99]);
	assert.deepEqual(pagesNeeded(0, 20, 0, 100, none), []);
	assert.deepEqual(pagesNeeded(5, 4, 100, 100, none), []);
	assert.deepEqual([...pagesNeeded(0, 500, 250, 100, none)].sort(), [0, 1, 2]);
});

test("rows in view", () => {
	assert.deepEqual(rowsInView(0, 600, 60, 100, 2), [0, 11]);
	assert.deepEqual(rowsInView(3000, 600, 60, 100, 2), [48, 61]);
	assert.deepEqual(rowsInView(5_000_000, 600, 60, 100, 2), [99, 99]);
	assert.deepEqual(rowsInView(0, 600, 60, 0, 2), [0, -1]);
});

test("addresses", () => {
	assert.deepEqual(parseRoute("/"), { room: "onnow" });
	assert.deepEqual(parseRoute("/watch/42"), { room: "watch", number: 42, at: null });
	assert.deepEqual(parseRoute("/watch/42", "?at=1795240800"), { room: "watch", number: 42, at: 1795240800 });
	for (const search of ["?at=", "?at=x", "?at=-5", "?at=1e9", "?at=123456789012"]) assert.deepEqual(parseRoute("/watch/1", search), { room: "watch", number: 1, at: null }, search);
	assert.equal(watchPath(4), "/watch/4");
	assert.equal(watchPath(4, 1_795_240_800_901), "/watch/4?at=1795240801"); /* the second after: its segment is the programme's first */
	assert.deepEqual(parseRoute("/library/7/"), { room: "item", id: 7 });
	assert.deepEqual(parseRoute("/guide"), { room: "guide" });
	for (const path of ["/watch", "/watch/x", "/guide/1", "/channels.m3u", "/watch/12345678901"]) assert.equal(parseRoute(path).room, "nowhere", path);
});

test("arrows go to the nearest in the same lane", () => {
	const box = (left: number, top: number): Box => ({ left, top, right: left + 100, bottom: top + 60 });
	const grid = [box(0, 0), box(120, 0), box(240, 0), box(0, 80), box(120, 80), box(240, 80)];
	const from = (i: number, way: "left" | "right" | "up" | "down") => nearest(grid[i]!, grid, way);
	assert.equal(from(0, "right"), 1);
	assert.equal(from(1, "down"), 4);
	assert.equal(from(5, "left"), 4);
	assert.equal(from(4, "up"), 1);
	assert.equal(from(0, "left"), -1);
	assert.equal(from(0, "up"), -1);
});

test("programmes in words", () => {
	const none = { subtitle: null, season: null, episode: null, year: null, item_kind: null };
	assert.equal(subline({ ...none, season: 2, episode: 5, subtitle: "Salt" }), "S2 E5 · Salt");
	assert.equal(subline({ ...none, item_kind: "movie", year: 1962 }), "Film · 1962");
	assert.equal(subline(none), "");
	assert.equal(breakLine(null), "");
	assert.equal(breakLine({ kind: "programme", title: "x", start: "", end: "" }), "");
	assert.match(breakLine({ kind: "commercial", title: "Tea", start: "", end: "2026-11-21T00:00:00Z" }), /Tea/);
	for (const state of ["ready", "empty", "building", "off"] as const) assert.ok(quietLine({ state }).title);
});
