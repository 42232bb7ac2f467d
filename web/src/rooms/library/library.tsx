/* library.tsx - Library: what do I own? A filter as text and as words, rows or posters that are drawn and fetched only when
 * they come into view, titles that can be chosen and changed together. What was asked stays in the address, so that
 * coming back shows the same place. Not here: paging (pages.ts), rows (rows.tsx), the change itself (bulk.tsx). */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Sort } from "../../api.ts";
import { getCollections, getValues } from "../../api_library.ts";
import { useKeys } from "../../keys.ts";
import { useAnswer } from "../../lib/ask.ts";
import { fieldOf, quote, withField } from "../../lib/filter.ts";
import { countWord, kindWord, many } from "../../lib/words.ts";
import { recall, remember } from "../../prefs.ts";
import { libraryEdition, status } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { Chips, Fault } from "../../ui/filterbox.tsx";
import { Head } from "../../ui/head.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Bulk } from "./bulk.tsx";
import { Keep } from "./collect.tsx";
import { useItems, type Question } from "./pages.ts";
import { Rows, type View } from "./rows.tsx";
import { Tabs } from "./tabs.tsx";
import { useChoice } from "./choice.ts";
import css from "./library.module.css";

const SORTS: [Sort, string][] = [["title", "Title"], ["added", "Newest here"], ["year", "Year"], ["duration", "Length"]];

function asked(): Question {
	const p = new URLSearchParams(location.search);
	const sort = p.get("sort") as Sort | null;
	const kind = p.get("kind");
	return { q: withField(p.get("q") ?? "", "kind", kind ?? fieldOf(p.get("q") ?? "", "kind")), sort: SORTS.some(([s]) => s === sort) ? sort! : "title" };
}

export function Library() {
	const [question, setQuestion] = useState<Question>(asked);
	const [typed, setTyped] = useState(question.q);
	const [view, setView] = useState<View>(recall("library") === "posters" ? "posters" : "list");
	const [keeping, setKeeping] = useState(false);
	const input = useRef<HTMLInputElement>(null);
	const list = useItems(question, libraryEdition.value);
	const choice = useChoice(JSON.stringify(question));
	const kinds = Object.entries(status.value?.library.kinds ?? {}).filter(([kind, n]) => n > 0 && kind !== "season").sort((a, b) => b[1] - a[1]);
	const kind = fieldOf(typed, "kind");

	const ask = (part: Partial<Question>) => {
		const next = { ...question, ...part };
		setQuestion(next);
		const p = new URLSearchParams();
		if (next.q) p.set("q", next.q);
		if (next.sort !== "title") p.set("sort", next.sort);
		history.replaceState(null, "", `/library${p.size ? `?${p}` : ""}`);
	};
	const write = (text: string) => {
		setTyped(text);
		ask({ q: text.trim() });
	};
	useEffect(() => {
		if (typed.trim() === question.q) return;
		const timer = setTimeout(() => ask({ q: typed.trim() }), 120);
		return () => clearTimeout(timer);
	}, [typed]);

	useKeys((event) => {
		const first = document.querySelector<HTMLElement>("[role='listitem'] a");
		if (event.key === "Escape" && choice.any) {
			choice.clear();
			return true;
		}
		if (event.key !== "ArrowDown" || !first || event.target !== input.current) return false;
		first.focus();
		return true;
	});

	const found = list.total;
	const id = JSON.stringify([question, view]);
	return (
		<div class={css.room}>
			<Head title="Library">{found !== null && !list.fault && (question.q ? `${many(found, "title")} found` : found > 0 && many(found, "title"))}</Head>
			<Tabs here="/library" />
			<div class={css.ask}>
				<label class={css.search}>
					<Icon name="search" />
					<input ref={input} type="search" data-first="" placeholder="Title, show, or year:1978..1983 -tag:war" aria-label="Search the library" aria-invalid={Boolean(list.fault)} autoComplete="off" autoCapitalize="off" spellcheck={false} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
					<kbd aria-hidden="true">/</kbd>
				</label>
				{list.fault && <div class={css.fault}><Fault id="library-fault" text={question.q} trouble={list.fault} /></div>}
				<div class={css.words} role="group" aria-label="Kind">
					<button aria-pressed={kind === ""} onClick={() => write(withField(typed, "kind", ""))}>Everything</button>
					{kinds.map(([k, n]) => (
						<button key={k} aria-pressed={kind === k} onClick={() => write(withField(typed, "kind", kind === k ? "" : k))}>
							{kindWord(k, true)} <i>{countWord(n)}</i>
						</button>
					))}
				</div>
				<div class={css.sort}>
					<Narrow add={(term) => write(`${typed} ${term}`.trim())} />
					<select aria-label="Sorted by" value={question.sort} onChange={(event) => ask({ sort: event.currentTarget.value as Sort })}>
						{SORTS.map(([value, word]) => <option key={value} value={value}>{word}</option>)}
					</select>
					<button class={css.view} aria-label={view === "list" ? "Show as posters" : "Show as a list"} title={view === "list" ? "Posters" : "List"} onClick={() => (setView(view === "list" ? "posters" : "list"), remember("library", view === "list" ? "posters" : "list"))}>
						<Icon name={view === "list" ? "layout-grid" : "list"} />
					</button>
				</div>
				<div class={css.chips}>
					<Chips text={typed} change={write}>
						{question.q && found !== null && !list.fault && <li><button type="button" class={ui.link} onClick={() => setKeeping(true)}>Keep as a collection</button></li>}
					</Chips>
				</div>
			</div>
			{found === 0 ? <Nothing q={question.q} clear={() => write("")} /> : list.trouble && found === null ? <p class={css.nothing} role="status">{list.trouble} Trying again.</p> : <Rows key={id} id={id} view={view} list={list} total={found ?? 0} choice={choice} />}
			{keeping && <Keep filter={question.q} close={() => setKeeping(false)} />}
			{choice.any && <Bulk choice={choice} q={question.q} total={found ?? 0} />}
		</div>
	);
}

/* What one might want to narrow down to, as whole terms. */
const NARROW: [group: string, terms: [term: string, word: string][]][] = [
	["How it is", [["is:missing", "Gone from its folder"], ["is:failed", "Can't be played"], ["is:unprobed", "Not opened yet"], ["is:duplicate", "There twice"], ["-has:breaks", "Without break points"], ["has:breaks", "With break points"]]],
	["When it came", [["added:<1d", "Today"], ["added:<7d", "This week"], ["added:<31d", "This month"]]],
	["Picture", [["height:>=2000", "4K"], ["height:>=1000", "1080 lines or more"], ["height:<720", "Under 720 lines"], ["is:interlaced", "Interlaced"]]],
	["Length", [["duration:<5m", "Under 5 minutes"], ["duration:5m..35m", "5 to 35 minutes"], ["duration:>60m", "Over an hour"]]],
];

function Narrow({ add }: { add: (term: string) => void }) {
	const values = useAnswer(getValues, [libraryEdition.value]);
	const collections = useAnswer(getCollections, [libraryEdition.value]).value?.items ?? [];
	const fields = (["tag", "daypart", "rating", "category", "audience", "company", "air_season"] as const).map((field) => {
		const list = values.value?.[field] ?? values.value?.[`${field}s`] ?? [];
		return [field, list.map((value) => (typeof value === "string" ? value : value.value)).slice(0, 60)] as const;
	});
	return (
		<select aria-label="Narrow down" value="" onChange={(event) => {
			add(event.currentTarget.value);
			event.currentTarget.value = "";
		}}>
			<option value="" disabled>Narrow down</option>
			{NARROW.map(([group, list]) => (
				<optgroup key={group} label={group}>
					{list.map(([term, word]) => <option key={term} value={term}>{word}</option>)}
				</optgroup>
			))}
			{collections.length > 0 && (
				<optgroup label="Collection">
					{collections.slice(0, 100).map(({ id, name }) => <option key={id} value={`collection:${quote(name)}`}>{name}</option>)}
				</optgroup>
			)}
			{fields.filter(([, list]) => list.length > 0).map(([field, list]) => (
				<optgroup key={field} label={field.charAt(0).toUpperCase() + field.slice(1).replace("_", " ")}>
					{list.map((value) => <option key={value} value={`${field}:${quote(value)}`}>{value.replaceAll("_", " ")}</option>)}
				</optgroup>
			))}
		</select>
	);
}

function Nothing({ q, clear }: { q: string; clear: () => void }) {
	if (!q)
		return (
			<p class={css.nothing}>
				Nothing is in the library yet. <a href="/library/folders">Show the station a folder</a>.
			</p>
		);
	return (
		<p class={css.nothing}>
			You own nothing that matches <code>{q}</code>. <button onClick={clear}>Show everything</button>
		</p>
	);
}
