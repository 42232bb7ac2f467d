/* filter.ts - the language in which items are asked for, as far as the page must know it: where its terms begin and
 * end, what they say in words, and how one is put in or taken out. The station reads it for good and says what is wrong
 * with it, and at which character. Pure. */
import { kindWord } from "./words.ts";

export interface Term {
	/** As typed, with the minus. */
	text: string;
	start: number;
	end: number;
	not: boolean;
	/** "" for a plain word, a group or OR. */
	field: string;
	value: string;
}

/** The terms of the outermost level; a group in parentheses is one. */
export function terms(text: string): Term[] {
	const found: Term[] = [];
	let i = 0;
	while (i < text.length) {
		if (/\s/.test(text[i]!)) {
			i++;
			continue;
		}
		const start = i;
		let depth = 0;
		let quoted = false;
		for (; i < text.length && (quoted || depth > 0 || !/\s/.test(text[i]!)); i++) {
			if (quoted && text[i] === "\\") i++;
			else if (text[i] === '"') quoted = !quoted;
			else if (!quoted && text[i] === "(") depth++;
			else if (!quoted && text[i] === ")") depth--;
		}
		i = Math.min(i, text.length);
		const term = text.slice(start, i);
		const not = term.startsWith("-") && term.length > 1;
		const cut = /^-?([A-Za-z_]+):(.*)$/s.exec(term);
		found.push({ text: term, start, end: i, not, field: cut ? cut[1]!.toLowerCase() : "", value: cut ? unquote(cut[2]!) : unquote(not ? term.slice(1) : term) });
	}
	return found;
}

function unquote(value: string): string {
	return value.startsWith('"') ? value.slice(1, value.length > 1 && value.endsWith('"') ? -1 : undefined).replace(/\\(["\\])/g, "$1") : value;
}

/** A value as it may stand behind a field: in quotes where it must. */
export function quote(value: string): string {
	return /^[\p{L}\p{N}_./-]+$/u.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

export function without(text: string, term: Term): string {
	return `${text.slice(0, term.start).trimEnd()} ${text.slice(term.end).trimStart()}`.trim();
}

/** The text with FIELD:VALUE in place of every plain term of that field; "" takes them out. */
export function withField(text: string, field: string, value: string): string {
	let rest = text;
	for (const term of terms(text).toReversed()) if (term.field === field && !term.not) rest = without(rest, term);
	return value ? `${rest} ${field}:${value}`.trim() : rest;
}

export function fieldOf(text: string, field: string): string {
	return terms(text).find((term) => term.field === field && !term.not)?.value ?? "";
}

/** The words alone, without fields and groups. */
export function wordsOf(text: string): string {
	return terms(text).filter((term) => !term.field && !term.text.startsWith("(") && term.text !== "OR" && term.text !== "|").map((term) => term.text).join(" ");
}

const FIELDS: Record<string, (value: string) => string> = {
	kind: (v) => v.split(",").map((kind) => kindWord(kind, true)).join(" or "),
	year: (v) => span(v, "from", "up to"),
	height: (v) => span(v.replace(/(\d)$/, "$1 lines"), "from", "up to"),
	duration: (v) => span(v, "at least", "up to"),
	added: (v) => `added ${v}`, aired: (v) => `aired ${v}`, expires: (v) => `expires ${v}`, size: (v) => span(v, "at least", "up to"),
	tag: (v) => `tagged ${v}`, rating: (v) => `rated ${v}`, season: (v) => `season ${v}`, show: (v) => v, root: (v) => `in ${v}`,
	collection: (v) => `in the collection ${v.replaceAll('"', "")}`, codec: (v) => v.toUpperCase(), lang: (v) => `in ${v}`, has: (v) => `with ${v}`, daypart: (v) => v.replaceAll("_", " "),
	is: (v) => ({ missing: "gone", failed: "can't be played", unprobed: "not opened yet", unknown: "not recognised", duplicate: "there twice", invalid: "found faulty", unchecked: "never checked" })[v] ?? v,
};

/** 1978..1983, >=720, <1h as people say them */
function span(value: string, from: string, to: string): string {
	const range = /^(.*)\.\.(.*)$/.exec(value);
	if (range) return range[1] && range[2] ? `${range[1]} to ${range[2]}` : range[1] ? `${from} ${range[1]}` : `${to} ${range[2]}`;
	const side = /^(<=|>=|<|>)(.*)$/.exec(value);
	return side ? { "<=": `${to} `, ">=": `${from} `, "<": "under ", ">": "over " }[side[1]!] + side[2]! : value;
}

/** What a term says: Films, 1978 to 1983, not rated R, "exact words" */
export function termWord(term: Term): string {
	const said = term.field ? (FIELDS[term.field]?.(term.value) ?? `${term.field.replaceAll("_", " ")} ${span(term.value, "from", "up to")}`) : `“${term.value}”`;
	return term.not ? `not ${said}` : said;
}

/** Where the station found a fault: the index into the text, or -1. "search, at character 6: there is no field 'yaer'" */
export function faultAt(message: string): number {
	const found = /at character (\d+)/.exec(message);
	return found ? Number(found[1]) - 1 : -1;
}

/** The same without the place, to be shown below the text with the place marked. */
export function faultWord(message: string): string {
	const said = message.replace(/^.*?at character \d+: /s, "");
	return said.charAt(0).toUpperCase() + said.slice(1);
}
