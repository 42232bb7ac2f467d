import assert from "node:assert/strict";
import test from "node:test";
import { crumbs, cutPath, isWithin, lastPart } from "../src/lib/paths.ts";

test("crumbs", () => {
	assert.deepEqual(crumbs("/"), [{ name: "/", path: "/" }]);
	assert.deepEqual(crumbs("/home/5% ann").map(({ name, path }) => [name, path]), [["/", "/"], ["home", "/home"], ["5% ann", "/home/5% ann"]]);
	assert.equal(lastPart("/media/disk/Films"), "Films");
	assert.equal(lastPart("/"), "/");
});

test("where a typed path is cut", () => {
	assert.deepEqual(cutPath("/home/an"), { folder: "/home", start: "an" });
	assert.deepEqual(cutPath("/home/"), { folder: "/home", start: "" });
	assert.deepEqual(cutPath("/ho"), { folder: "/", start: "ho" });
	assert.deepEqual(cutPath("films"), { folder: "", start: "films" });
});

test("within", () => {
	assert.ok(isWithin("/a/b", ["/a"]));
	assert.ok(isWithin("/a", ["/b", "/a"]));
	assert.ok(isWithin("/x", ["/"]));
	assert.ok(!isWithin("/ab", ["/a"]));
});
