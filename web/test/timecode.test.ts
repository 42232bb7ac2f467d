/* Timecode, there and back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { frameAt, frameStart, readTimecode } from "../src/lib/timecode.ts";
import { timecode } from "../src/lib/words.ts";

test("every frame comes back as itself", () => {
	for (const fps of [24000 / 1001, 24, 25, 30000 / 1001, 50, 60000 / 1001])
		for (let second = 0; second < 4000; second += 619)
			for (let frame = 0; frame < Math.floor(fps); frame++) {
				const text = `${String(Math.floor(second / 3600)).padStart(2, "0")}:${String(Math.floor(second / 60) % 60).padStart(2, "0")}:${String(second % 60).padStart(2, "0")}.${String(frame).padStart(2, "0")}`;
				assert.equal(timecode(readTimecode(text, fps)!, fps), text, `at ${fps}`);
			}
});

test("short forms, and what is none", () => {
	assert.equal(readTimecode("90", 25), 90_000);
	assert.equal(readTimecode("1:30", 25), 90_000);
	assert.equal(readTimecode("01:00:00.05", 25), 3_600_200);
	assert.equal(readTimecode("5400", 25), 5_400_000);
	assert.equal(readTimecode("90:00", 25), 5_400_000);
	assert.equal(readTimecode("90.5 s", 25), 90_500);
	assert.equal(readTimecode("90.05s", null), 90_050);
	for (const text of ["", "1:75", "1:00:61", "1:75:00", "1:5400", "s", "00:00:00.25", "noon", "-1"]) assert.equal(readTimecode(text, 25), null, text);
});

test("the frame that stands there", () => {
	for (const fps of [24000 / 1001, 25, 30000 / 1001, 60])
		for (const frame of [0, 1, 7, 1799, 86_311]) {
			assert.equal(frameAt(frameStart(frame, fps), fps), frame, `at ${fps}`);
			assert.equal(frameAt(((frame + 0.9) * 1000) / fps, fps), frame);
		}
});
