/* Which room an address names. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRoute, watchPath } from "../src/router.ts";

test("every room has its address, and no other", () => {
	const rows: [path: string, search: string, room: object][] = [
		["/", "", { room: "onnow" }],
		["/screens", "", { room: "screens" }],
		["/guide", "?at=1795680000&pick=2.1795680016", { room: "guide" }],
		["/watch/27", "", { room: "watch", number: 27, at: null }],
		["/watch/27", "?at=1795680000", { room: "watch", number: 27, at: 1795680000 }],
		["/watch/27", "?at=soon", { room: "watch", number: 27, at: null }],
		["/library/junk", "", { room: "shelf", shelf: "junk" }],
		["/library/8", "", { room: "item", id: 8 }],
		["/station/new", "", { room: "channel", id: null }],
		["/screens/2", "", { room: "nowhere", path: "/screens/2" }],
		["/watch/x", "", { room: "nowhere", path: "/watch/x" }],
	];
	for (const [path, search, room] of rows) assert.deepEqual(parseRoute(path, search), room, path);
	assert.equal(watchPath(3, 1_795_680_000_001), "/watch/3?at=1795680001");
});
