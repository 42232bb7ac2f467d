/* The page's half of the filter language. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { faultAt, faultWord, fieldOf, quote, termWord, terms, withField, without, wordsOf } from "../src/lib/filter.ts";

test("terms end where the station's do", () => {
	const found = terms('kind:movie  -rating:R "two words" (a OR b) show:"The \\"Wire\\"" plain');
	assert.deepEqual(found.map((t) => t.text), ["kind:movie", "-rating:R", '"two words"', "(a OR b)", 'show:"The \\"Wire\\""', "plain"]);
	assert.deepEqual(found.map((t) => t.field), ["kind", "rating", "", "", "show", ""]);
	assert.equal(found[4]!.value, 'The "Wire"');
	assert.equal(found[1]!.not, true);
	assert.deepEqual(terms(""), []);
	assert.deepEqual(terms('"never closed and on').map((t) => t.text), ['"never closed and on']);
});

test("a term is taken out and put in", () => {
	const text = "storm kind:movie year:1960..1970";
	assert.equal(without(text, terms(text)[1]!), "storm year:1960..1970");
	assert.equal(withField(text, "kind", "episode"), "storm year:1960..1970 kind:episode");
	assert.equal(withField(text, "kind", ""), "storm year:1960..1970");
	assert.equal(withField("-kind:movie", "kind", "episode"), "-kind:movie kind:episode");
	assert.equal(fieldOf(text, "year"), "1960..1970");
	assert.equal(wordsOf(`${text} (a OR b) "x y"`), 'storm "x y"');
});

test("values are quoted where they must be", () => {
	assert.equal(quote("western"), "western");
	assert.equal(quote("Café"), "Café");
	assert.equal(quote('The "Wire"'), '"The \\"Wire\\""');
	assert.equal(quote("a,b"), '"a,b"');
});

test("terms in words", () => {
	const say = (text: string) => terms(text).map(termWord).join("; ");
	assert.equal(say("kind:movie,episode year:1978..1983 -rating:R"), "Films or Episodes; 1978 to 1983; not rated R");
	assert.equal(say("height:>=720 year:..1950 duration:<1h"), "from 720 lines; up to 1950; under 1h");
	assert.equal(say("is:missing storm company:Acme"), "gone; “storm”; company Acme");
});

test("a fault is pointed at", () => {
	const message = "search, at character 6: there is no field 'yaer'; did you mean 'year'?";
	assert.equal(faultAt(message), 5);
	assert.equal(faultWord(message), "There is no field 'yaer'; did you mean 'year'?");
	assert.equal(faultAt("no such item"), -1);
});
