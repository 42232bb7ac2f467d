/* Which programme the picture belongs to, and how seldom a long past is asked for again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Programme } from "../src/api.ts";
import { patience } from "../src/player.ts";
import { programmeAt } from "../src/rooms/watch/seen.ts";

const T0 = Date.parse("2026-11-21T20:00:00Z");
const programme = (from: number, to: number) => ({ title: `at ${from}`, start: new Date(T0 + from * 1000).toISOString(), end: new Date(T0 + to * 1000).toISOString() }) as Programme;
const evening = [programme(0, 600), programme(600, 1200), programme(1200, 1500)];

test("the programme at an instant, and the first after it", () => {
	const at = (s: number) => Object.values(programmeAt(evening, T0 + s * 1000)).map((p) => p?.title ?? null);
	assert.deepEqual(at(0), ["at 0", "at 600"]);
	assert.deepEqual(at(599), ["at 0", "at 600"]);
	assert.deepEqual(at(600), ["at 600", "at 1200"]);
	assert.deepEqual(at(1400), ["at 1200", null]);
	assert.deepEqual(at(1500), [null, null]);
	assert.deepEqual(at(-5), [null, "at 0"]);
	assert.deepEqual(programmeAt([null, undefined], T0), { now: null, next: null });
});

test("the order in which they are known does not matter", () => {
	assert.equal(programmeAt(evening.toReversed(), T0 + 1000).next?.title, "at 600");
});

test("a playlist is asked for again before what is known has been seen", () => {
	for (const ahead of [0, 4, 89]) assert.equal(patience(ahead), 0);
	for (const ahead of [90, 200, 7200, 21600]) assert.ok(patience(ahead) > 10 && patience(ahead) <= ahead / 4 && patience(ahead) <= 120);
});
