/* Paths as a tree. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { treeLines } from "../src/lib/tree.ts";

const PATHS = ["/films/B (1990)/B.mkv", "/films/A (1980)/A.mkv", "/films/A (1980)/A.srt", "/films/A (1980)/Extras/Trailer.mkv"];
const draw = (closed: string[] = []) => treeLines(PATHS, (path) => path, new Set(closed)).map((line) => `${"  ".repeat(line.depth)}${line.name}${line.leaf ? "" : ` [${line.count}]`}`);

test("folders once, in order, alone ones joined", () => {
	assert.deepEqual(draw(), ["/films [4]", "  A (1980) [3]", "    Extras [1]", "      Trailer.mkv", "    A.mkv", "    A.srt", "  B (1990) [1]", "    B.mkv"]);
});

test("trees that meet only at the root stand beside each other", () => {
	const lines = treeLines(["/srv/a/x.mkv", "/media/b/y.mkv"], (path) => path, new Set());
	assert.deepEqual(lines.map((line) => [line.depth, line.name, line.path]), [[0, "/media/b", "/media/b"], [1, "y.mkv", "/media/b/y.mkv"], [0, "/srv/a", "/srv/a"], [1, "x.mkv", "/srv/a/x.mkv"]]);
});

test("a closed folder hides what is below", () => {
	assert.deepEqual(draw(["/films/A (1980)"]), ["/films [4]", "  A (1980) [3]", "  B (1990) [1]", "    B.mkv"]);
});

test("numbers in order, nothing of nothing", () => {
	assert.deepEqual(treeLines(["s/10.mkv", "s/9.mkv"], (p) => p, new Set()).map((l) => l.name), ["s", "9.mkv", "10.mkv"]);
	assert.deepEqual(treeLines([], (p: string) => p, new Set()), []);
});
