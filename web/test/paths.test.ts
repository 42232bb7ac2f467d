import assert from "node:assert/strict";
import test from "node:test";
import { crumbs, cutPath, isWithin, lastPart, pathWord } from "../src/lib/paths.ts";

test("a percent sign is shown where it reads back alike", () => {
	assert.equal(pathWord("/a/100%25 wool"), "/a/100% wool");
	assert.equal(pathWord("/a/100%2541"), "/a/100%2541");
	assert.equal(pathWord("/a/%FFx%25"), "/a/%FFx%");
});

test("crumbs", () => {
	assert.deepEqual(crumbs("/"), [{ name: "/", path: "/" }]);
	assert.deepEqual(crumbs("/home/5%25 ann").map(({ name, path }) => [name, path]), [["/", "/"], ["home", "/home"], ["5% ann", "/home/5%25 ann"]]);
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
