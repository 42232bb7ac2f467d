/* library.tsx - Library: what do I own? Search as you type, kinds as words, rows that are drawn and fetched only when
 * they come into view. What was asked stays in the address, so that coming back shows the same place.
 * Not here: paging (pages.ts), one item (item.tsx). */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { pictureOf, type Item, type Sort } from "../../api.ts";
import { useKeys } from "../../keys.ts";
import { codecWord, countWord, kindWord, lengthWord, many, pictureWord, sizeWord } from "../../lib/words.ts";
import { libraryEdition, status } from "../../station.ts";
import { Head } from "../../ui/head.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Picture } from "../../ui/picture.tsx";
import { useItems, type Question } from "./pages.ts";
import { titleOf } from "./title.ts";
import css from "./library.module.css";

const SORTS: [Sort, string][] = [["title", "Title"], ["added", "Newest here"], ["year", "Year"], ["duration", "Length"]];

/* Remembered for the visit: an item opened from the list leads back to the same place in it. */
let place = { key: "", top: 0 };

function asked(): Question {
	const p = new URLSearchParams(location.search);
	const sort = p.get("sort") as Sort | null;
	return { q: p.get("q") ?? "", kind: p.get("kind") ?? "", sort: SORTS.some(([s]) => s === sort) ? sort! : "title" };
}

export function Library() {
	const [question, setQuestion] = useState<Question>(asked);
	const [typed, setTyped] = useState(question.q);
	const list = useItems(question, libraryEdition.value);
	const kinds = Object.entries(status.value?.library.kinds ?? {}).filter(([kind, n]) => n > 0 && kind !== "season").sort((a, b) => b[1] - a[1]);
	const every = status.value?.library.items;

	const ask = (part: Partial<Question>) => {
		const next = { ...question, ...part };
		setQuestion(next);
		const p = new URLSearchParams();
		if (next.q) p.set("q", next.q);
		if (next.kind) p.set("kind", next.kind);
		if (next.sort !== "title") p.set("sort", next.sort);
		history.replaceState(null, "", `/library${p.size ? `?${p}` : ""}`);
	};
	useEffect(() => {
		if (typed.trim() === question.q) return;
		const timer = setTimeout(() => ask({ q: typed.trim() }), 90);
		return () => clearTimeout(timer);
	}, [typed]);

	useKeys((event) => {
		const first = document.querySelector<HTMLElement>("[role='listitem'] a");
		if (event.key !== "ArrowDown" || !first || !(event.target instanceof HTMLInputElement)) return false;
		first.focus();
		return true;
	});

	const found = list.total;
	return (
		<div class={css.room}>
			<Head title="Library">{every !== undefined && (question.q || question.kind ? (found !== null ? `${countWord(found)} of ${many(every, "title")}` : "") : many(every, "title"))}</Head>
			<div class={css.ask}>
				<label class={css.search}>
					<Icon name="search" />
					<input type="search" data-first="" placeholder="Title, show, year" aria-label="Search the library" autoComplete="off" spellcheck={false} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
					<kbd aria-hidden="true">/</kbd>
				</label>
				<div class={css.words} role="group" aria-label="Kind">
					<button aria-pressed={question.kind === ""} onClick={() => ask({ kind: "" })}>Everything</button>
					{kinds.map(([kind, n]) => (
						<button key={kind} aria-pressed={question.kind === kind} onClick={() => ask({ kind: question.kind === kind ? "" : kind })}>
							{kindWord(kind, true)} <i>{countWord(n)}</i>
						</button>
					))}
				</div>
				<label class={css.sort}>
					Sorted by{" "}
					<select value={question.sort} onChange={(event) => ask({ sort: event.currentTarget.value as Sort })}>
						{SORTS.map(([value, word]) => (
							<option key={value} value={value}>{word}</option>
						))}
					</select>
				</label>
			</div>
			{found === 0 ? <Nothing question={question} clear={() => (setTyped(""), ask({ q: "", kind: "" }))} /> : <Rows key={JSON.stringify(question)} id={JSON.stringify(question)} list={list} total={found ?? 0} />}
			{list.trouble && found === null && <p class={css.nothing}>{list.trouble} Trying again.</p>}
		</div>
	);
}

function Nothing({ question, clear }: { question: Question; clear: () => void }) {
	if (!question.q && !question.kind)
		return (
			<p class={css.nothing}>
				Nothing is in the library yet. Show the station a folder: <code>matinee root add /path/to/films</code>
			</p>
		);
	return (
		<p class={css.nothing}>
			You own nothing {question.q && <>called “{question.q}”</>} {question.kind && <>among {kindWord(question.kind, true).toLowerCase()}</>}. <button onClick={clear}>Show everything</button>
		</p>
	);
}

interface RowsProps {
	id: string;
	list: ReturnType<typeof useItems>;
	total: number;
}

function Rows({ id, list, total }: RowsProps) {
	const box = useRef<HTMLDivElement>(null);
	const [, redraw] = useState(0);
	const rowHeight = useMemo(() => parseFloat(getComputedStyle(document.documentElement).fontSize) * 5.25, []);
	const virtual = useMemo(
		() =>
			new Virtualizer<HTMLDivElement, HTMLElement>({
				count: 0,
				getScrollElement: () => box.current,
				estimateSize: () => rowHeight,
				overscan: 8,
				initialOffset: place.key === id ? place.top : 0,
				scrollToFn: elementScroll,
				observeElementRect,
				observeElementOffset,
				onChange: () => redraw((n) => n + 1),
			}),
		[],
	);
	virtual.setOptions({ ...virtual.options, count: total });
	useLayoutEffect(() => {
		const leave = virtual._didMount();
		virtual._willUpdate();
		if (box.current && place.key === id) box.current.scrollTop = place.top;
		return leave;
	}, []);
	useLayoutEffect(() => virtual._willUpdate());
	useLayoutEffect(() => {
		if (box.current && place.key === id && total > 0 && box.current.scrollTop !== place.top) box.current.scrollTop = place.top;
	}, [total > 0]);
	const rows = virtual.getVirtualItems();
	const first = rows[0]?.index ?? 0;
	const last = rows.at(-1)?.index ?? 0;
	useEffect(() => {
		const timer = setTimeout(() => list.want(first, last), 40);
		return () => clearTimeout(timer);
	}, [first, last, total]);
	return (
		<div ref={box} class={css.list} role="list" aria-label="Titles" onScroll={(event) => (place = { key: id, top: event.currentTarget.scrollTop })}>
			<div class={css.sheet} style={{ height: `${virtual.getTotalSize()}px` }}>
				{rows.map((row) => (
					<Line key={row.index} item={list.at(row.index)} index={row.index} total={total} top={row.start} height={row.size} />
				))}
			</div>
		</div>
	);
}

const STATES: Record<string, string> = { missing: "File is gone", failed: "Can't be played", new: "Not looked at yet" };

function Line({ item, index, total, top, height }: { item: Item | undefined; index: number; total: number; top: number; height: number }) {
	const place = { transform: `translateY(${top}px)`, height: `${height}px` };
	if (!item) return <div class={`${css.line} ${css.ghost}`} style={place} role="listitem" aria-hidden="true"><i /><b /></div>;
	const [title, sub] = titleOf(item);
	const picture = [pictureWord(item.width, item.height), codecWord(item.video_codec)].filter(Boolean).join(" ");
	return (
		<div class={css.line} style={place} role="listitem" aria-setsize={total} aria-posinset={index + 1}>
			<a class={css.link} href={`/library/${item.id}`}>
				<Picture class={css.thumb!} src={pictureOf(item)} hue={(item.id * 47) % 360} mark={title.charAt(0)} />
				<span class={css.what}>
					<span class={css.title}>{title}</span>
					<span class={css.sub}>{sub || kindWord(item.kind)}</span>
				</span>
				<span class={css.state}>{STATES[item.state] && <em>{STATES[item.state]}</em>}</span>
				<span class={css.year}>{item.year ?? ""}</span>
				<span class={css.length}>{item.duration_ms ? lengthWord(item.duration_ms) : ""}</span>
				<span class={css.picture}>{picture}</span>
				<span class={css.size}>{item.size ? sizeWord(item.size) : ""}</span>
			</a>
		</div>
	);
}
