/* rules.ts - a channel's rules: how they begin, what they say in words, which titles they mean. Pure. */
import type { Order, Prepare, Rules } from "../../api.ts";
import { terms, termWord } from "../../lib/filter.ts";
import { kindWord } from "../../lib/words.ts";

export const FRESH: Rules = { query: { kind: "", show: "", root: "", search: "" }, order: "shuffle", grid: 0, spots: true, bumpers: true, loops: 0, break_every: 0, break_length: 0 };

/** What goes between programmes and not for one's own sake; a rule that names no kind leaves it out. */
const BETWEEN = "commercial,bumper,ident,promo,filler,intro,outro,interstitial";

export const ORDERS: [Order, string, string][] = [
	["shuffle", "Shuffled", "Everything once before anything comes again"],
	["order", "In order", "Show by show, episode by episode, then again from the start"],
	["loop", "Round and round", "The list back to back, without breaks"],
];

export const PREPARES: [Prepare, string, string][] = [
	["watched", "When watched", "Pictures are made while somebody watches"],
	["always", "Always", "Made ahead, ready at once; takes room on the disk"],
	["never", "Never ahead", "Only what is asked for"],
];

export const GRIDS: [number, string][] = [[0, "One after the other"], [5, "Every 5 minutes"], [10, "Every 10 minutes"], [15, "Every quarter of an hour"], [30, "Every half hour"], [60, "Every hour"]];

/** Ways to begin: a name, and the rules that differ from FRESH. */
export const STARTS: [string, Omit<Partial<Rules>, "query"> & { query?: Partial<Rules["query"]> }][] = [
	["A bit of everything", {}],
	["Films", { query: { kind: "movie" }, grid: 0 }],
	["Shows, in order", { query: { kind: "episode" }, order: "order", grid: 30 }],
	["Round and round", { order: "loop" }],
];

export function startRules(part: (typeof STARTS)[number][1]): Rules {
	return { ...FRESH, ...part, query: { ...FRESH.query, ...part.query } };
}

/** What the list of titles is asked for, so that it shows what the channel would play. */
export function askedItems(query: Rules["query"]): { q: string; kind: string; show: string } {
	const named = query.kind || query.root || terms(query.search).some((term) => ["kind", "type", "root", "path", "file", "company", "id"].includes(term.field));
	const root = query.root ? `root:"${query.root.replace(/["\\]/g, "\\$&")}"` : "";
	return { q: [query.search, root, named ? "-kind:show,season" : `-kind:show,season,${BETWEEN}`].filter(Boolean).join(" "), kind: query.kind, show: query.show };
}

/** Films · 1978 to 1983 · shuffled · on the half hour */
export function rulesWord(rules: Rules): string {
	const { query } = rules;
	const what = query.show || (query.kind ? kindWord(query.kind, true) : "A bit of everything");
	const folder = query.root ? `in ${query.root.split("/").filter(Boolean).at(-1) ?? query.root}` : "";
	const grid = rules.grid === 30 ? "on the half hour" : rules.grid === 60 ? "on the hour" : rules.grid ? `every ${rules.grid} minutes` : "";
	const order = { shuffle: "shuffled", order: "in order", loop: "round and round" }[rules.order];
	return [what, ...terms(query.search).map(termWord), folder, order, grid].filter(Boolean).join(" · ");
}

/** What a row of the log is: a word, and how its stretch is drawn. */
export const ROW_KINDS: [kinds: string[], word: string, shape: "programme" | "spot" | "bumper" | "fill" | "slate" | "alert", means: string][] = [
	[["programme"], "Programme", "programme", "what the guide shows"],
	[["commercial"], "Commercial", "spot", "in the breaks and after"],
	[["bumper", "ident", "intro", "outro"], "Bumper", "bumper", "around the breaks"],
	[["promo", "filler", "interstitial"], "Filler", "fill", "until the next programme starts"],
	[["slate", "offair"], "Pause", "slate", "nothing that fits, or nothing at all"],
	[["alert"], "Alert", "alert", "somebody broke in"],
];

export const rowKind = (kind: string) => ROW_KINDS.find(([kinds]) => kinds.includes(kind)) ?? ROW_KINDS[3]!;
