/* Where programmes stand in the guide. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Programme } from "../src/api.ts";
import { firstAfter, fitZoom, HOUR, layoutRow, mergeSlots, MIN_PX, MINUTE, pauseWord, slotAt, slotNear, pieceOf, piecesNeeded, ticks, toSlots, type Slot } from "../src/rooms/guide/layout.ts";

const T0 = Date.parse("2026-11-21T00:00:00Z");
const slot = (start: number, minutes: number): Slot => ({ start: T0 + start * MINUTE, end: T0 + (start + minutes) * MINUTE, programme: { title: `at ${start}` } as Programme });
const run = (from: number, count: number, minutes: number) => Array.from({ length: count }, (_, i) => slot(from + i * minutes, minutes));

test("a programme is as wide as it is long", () => {
	const scale = 1000 / (2 * HOUR);
	const blocks = layoutRow([slot(0, 30), slot(30, 90)], T0, T0 + 2 * HOUR, T0, scale);
	assert.deepEqual(blocks.map(({ left, width }) => [Math.round(left), Math.round(width)]), [[0, 250], [250, 750]]);
});

test("only what touches the view is laid out", () => {
	const blocks = layoutRow(run(0, 48, 30), T0 + 60 * MINUTE, T0 + 120 * MINUTE, T0, 0.001);
	assert.deepEqual(blocks.map((b) => (b.start - T0) / MINUTE), [60, 90]);
});

test("a view that begins inside a programme shows it whole", () => {
	const blocks = layoutRow(run(0, 4, 30), T0 + 45 * MINUTE, T0 + 50 * MINUTE, T0, 0.001);
	assert.equal(blocks[0]!.start, T0 + 30 * MINUTE);
});

test("short programmes are joined, never lost, and always the same way", () => {
	const shorts = run(0, 6 * 60, 1);
	const scale = 1100 / (6 * HOUR); /* 3 px a minute */
	const all = layoutRow(shorts, T0, T0 + 6 * HOUR, T0, scale);
	assert.equal(all.reduce((sum, b) => sum + b.slots.length, 0), shorts.length);
	assert.ok(all.length < 6 * 60 / 5);
	for (let i = 1; i < all.length; i++) assert.equal(all[i]!.start, all[i - 1]!.end);
	for (const from of [7, 61, 133, 200]) {
		const part = layoutRow(shorts, T0 + from * MINUTE, T0 + 6 * HOUR, T0, scale).filter((b) => b.start >= T0 + from * MINUTE);
		assert.deepEqual(part.map((b) => b.start), all.filter((b) => b.start >= T0 + from * MINUTE).map((b) => b.start));
	}
});

test("wide enough ones stay alone", () => {
	const scale = (MIN_PX + 1) / MINUTE;
	assert.equal(layoutRow(run(0, 20, 1), T0, T0 + HOUR, T0, scale).length, 20);
});

test("finding", () => {
	const slots = [slot(0, 30), slot(30, 30), slot(120, 30)];
	assert.equal(firstAfter(slots, T0 + 30 * MINUTE), 1);
	assert.equal(slotAt(slots, T0 + 29 * MINUTE), slots[0]);
	assert.equal(slotAt(slots, T0 + 90 * MINUTE), undefined);
	assert.equal(slotNear(slots, T0 + 70 * MINUTE), slots[1]);
	assert.equal(slotNear(slots, T0 + 110 * MINUTE), slots[2]);
	assert.equal(slotNear(slots, T0 + 900 * MINUTE), slots[2]);
	assert.equal(slotNear([], T0), undefined);
});

test("windows overlap by the programme at their edge, and it stands once", () => {
	const first = mergeSlots([], run(0, 5, 30), T0, T0 + 2 * HOUR); /* to 02:30 */
	const both = mergeSlots(first, run(120, 4, 30), T0 + 2 * HOUR, T0 + 4 * HOUR);
	assert.deepEqual(both.map((s) => (s.start - T0) / MINUTE), [0, 30, 60, 90, 120, 150, 180, 210]);
	const earlier = mergeSlots(both, run(-120, 4, 30), T0 - 2 * HOUR, T0);
	assert.equal(earlier.length, 12);
	assert.equal(earlier[0]!.start, T0 - 2 * HOUR);
});

test("a changed schedule replaces what was there", () => {
	const known = run(0, 8, 30);
	const merged = mergeSlots(known, [slot(0, 45), slot(45, 75)], T0, T0 + 2 * HOUR);
	assert.deepEqual(merged.slice(0, 3).map((s) => (s.start - T0) / MINUTE), [0, 45, 120]);
	assert.equal(mergeSlots(known, [], T0, T0 + 2 * HOUR).length, 4);
});

test("the zoom follows what is on", () => {
	assert.equal(fitZoom(run(0, 48, 30), 1180), 3);
	assert.equal(fitZoom(run(0, 20, 100), 1180), 3);
	assert.equal(fitZoom(run(0, 400, 2), 1180), 1);
	assert.equal(fitZoom(run(0, 400, 3), 1180), 2);
	assert.equal(fitZoom([...run(0, 300, 1), ...run(0, 20, 90)], 1180), 3); /* one channel of clips among films */
	assert.equal(fitZoom(run(0, 400, 2), 325), 0); /* clips on a phone */
	assert.equal(fitZoom([], 1180), 3);
});

test("ticks stand on whole local steps", () => {
	const found = ticks(T0 + 7 * MINUTE, T0 + 2 * HOUR, 30 * MINUTE, T0, 0.001);
	assert.deepEqual(found.map((tick) => (tick.t - T0) / MINUTE), [30, 60, 90]);
});

test("pauses that follow each other are one, wherever they were fetched", () => {
	const pause = (from: number, minutes: number): Slot => ({ ...slot(from, minutes), programme: { kind: "slate" } as Programme });
	const first = mergeSlots([], [slot(0, 50), pause(50, 10), pause(60, 10), pause(70, 50)], T0, T0 + 2 * HOUR);
	const spans = (slots: Slot[]) => slots.map((one) => [(one.start - T0) / MINUTE, (one.end - T0) / MINUTE]);
	assert.deepEqual(spans(first), [[0, 50], [50, 120]]);
	const second = mergeSlots(first, [pause(110, 10), pause(120, 60), slot(180, 60)], T0 + 2 * HOUR, T0 + 4 * HOUR);
	assert.deepEqual(spans(second), [[0, 50], [50, 180], [180, 240]]);
	assert.deepEqual(spans(mergeSlots(second, [slot(0, 50), pause(50, 70)], T0, T0 + 2 * HOUR)), [[0, 50], [50, 180], [180, 240]]);
	assert.equal(pauseWord(second[1]!), "Nothing planned");
	assert.equal(pauseWord(pause(0, 10)), "A pause");
});

test("what is fetched: windows of time of the channels in view, not of all", () => {
	const have = new Set([`${T0}.0`]);
	const keys = (from: number, to: number, first: number, last: number) => piecesNeeded(T0 + from * HOUR, T0 + to * HOUR, 2 * HOUR, first, last, 24, (key) => have.has(key)).map((piece) => [(piece.start - T0) / HOUR, piece.first]);
	assert.deepEqual(keys(1, 5, 0, 10), [[2, 0], [4, 0]]);
	assert.deepEqual(keys(0, 2, 20, 50), [[0, 24], [0, 48]]);
	assert.deepEqual(keys(0, 2, -12, 3), []);
	assert.deepEqual(keys(2, 4, 0, -1), []);
	assert.deepEqual(pieceOf(T0 + 3 * HOUR, 999, 2 * HOUR, 24), { key: `${T0 + 2 * HOUR}.984`, start: T0 + 2 * HOUR, first: 984 });
});

test("what the server says badly does no harm", () => {
	const odd = [{ start: "nonsense", end: "2026-11-21T00:00:00Z" }, { start: "2026-11-21T01:00:00Z", end: "2026-11-21T00:00:00Z" }, { start: "2026-11-21T00:00:00Z", end: "2026-11-21T01:00:00Z" }] as Programme[];
	assert.equal(toSlots(odd).length, 1);
});
