/* The station's time in this browser. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setClock, time } from "../src/clock.ts";

test("the exact answer wins over the header, and the time is in whole milliseconds", () => {
	setClock(Date.now() + 60_000, "header");
	assert.ok(Math.abs(time() - Date.now() - 60_000) < 100);
	setClock(Date.now() + 5_000.37, "status");
	assert.ok(Number.isInteger(time()));
	assert.ok(Math.abs(time() - Date.now() - 5_000) < 100);
	setClock(Date.now() + 60_000, "header");
	assert.ok(Math.abs(time() - Date.now() - 5_000) < 100);
});
