/* rows.tsx - the titles themselves, as rows or as posters; only those in view are drawn and fetched. A title is chosen by
 * its box, by `x`, or with Shift from the last chosen on. */
import { useEffect, useState } from "preact/hooks";
import { pictureOf, type Item } from "../../api.ts";
import { useKeys } from "../../keys.ts";
import { useVirtual } from "../../lib/virtual.ts";
import { codecWord, kindWord, lengthWord, pictureWord, sizeWord } from "../../lib/words.ts";
import ui from "../../ui/controls.module.css";
import { Picture } from "../../ui/picture.tsx";
import type { Choice } from "./choice.ts";
import type { List } from "./pages.ts";
import { titleOf } from "./title.ts";
import css from "./library.module.css";

export type View = "list" | "posters";

interface Props {
	id: string;
	view: View;
	list: List;
	total: number;
	choice: Choice;
}

/** Posters beside each other in a window of this width. */
function columns(): number {
	const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
	return Math.max(2, Math.floor((innerWidth - (innerWidth > 760 ? 9.5 : 2) * rem) / (12 * rem)));
}

export function Rows({ id, view, list, total, choice }: Props) {
	const [across, setAcross] = useState(view === "posters" ? columns() : 1);
	useEffect(() => {
		if (view === "list") return;
		const fit = () => setAcross(columns());
		addEventListener("resize", fit);
		return () => removeEventListener("resize", fit);
	}, [view]);
	const wide = view === "posters" ? (innerWidth - (innerWidth > 760 ? 152 : 32)) / across / 16 : 0;
	const virtual = useVirtual(id, Math.ceil(total / across), view === "list" ? 5.25 : wide * 0.5625 + 4.25);
	const first = (virtual.rows[0]?.index ?? 0) * across;
	const last = Math.min(total - 1, ((virtual.rows.at(-1)?.index ?? 0) + 1) * across - 1);
	useEffect(() => {
		const timer = setTimeout(() => list.want(first, last), 40);
		return () => clearTimeout(timer);
	}, [first, last, total]);
	const reach = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => list.at(from + i)?.id).filter((one) => one !== undefined);
	useKeys((event) => {
		const row = event.key === "x" && event.target instanceof Element ? event.target.closest<HTMLElement>("[data-row]")?.dataset.row : undefined;
		const item = row === undefined ? undefined : list.at(Number(row));
		if (!item) return false;
		choice.toggle(item.id, Number(row));
		return true;
	});
	const one = (index: number) => {
		const item = list.at(index);
		const toggle = (event: MouseEvent) => item && choice.toggle(item.id, index, event.shiftKey ? reach : undefined);
		return view === "list" ? <Line key={index} item={item} index={index} total={total} chosen={item ? choice.has(item.id) : false} toggle={toggle} /> : <Poster key={index} item={item} index={index} total={total} chosen={item ? choice.has(item.id) : false} toggle={toggle} />;
	};
	return (
		<div ref={virtual.box} class={`${css.list} ${choice.any ? css.choosing : ""}`} role="list" aria-label="Titles" onScroll={virtual.onScroll}>
			<div class={css.sheet} style={{ height: `${virtual.height}px` }}>
				{virtual.rows.map((row) => (
					<div key={row.index} class={view === "list" ? css.line : css.shelf} style={{ transform: `translateY(${row.start}px)`, height: `${row.size}px`, gridTemplateColumns: `repeat(${across}, minmax(0, 1fr))` }}>
						{Array.from({ length: Math.min(across, total - row.index * across) }, (_, i) => one(row.index * across + i))}
					</div>
				))}
			</div>
		</div>
	);
}

const STATES: Record<string, string> = { missing: "File is gone", failed: "Can't be played", new: "Not looked at yet" };

interface OneProps {
	item: Item | undefined;
	index: number;
	total: number;
	chosen: boolean;
	toggle: (event: MouseEvent) => void;
}

function Line({ item, index, total, chosen, toggle }: OneProps) {
	if (!item) return <div class={css.ghost} role="listitem" aria-hidden="true"><i /><b /></div>;
	const [title, sub] = titleOf(item);
	const picture = [pictureWord(item.width, item.height), codecWord(item.video_codec)].filter(Boolean).join(" ");
	return (
		<div class={`${css.pick} ${chosen ? css.chosen : ""}`} role="listitem" data-row={index} aria-setsize={total} aria-posinset={index + 1}>
			<label class={css.tick}><input class={ui.tick} type="checkbox" tabIndex={-1} checked={chosen} aria-label={`Choose ${title}`} onClick={toggle} /></label>
			<a class={css.link} href={`/library/${item.id}`}>
				<Picture class={css.thumb!} src={pictureOf(item)} hue={(item.id * 47) % 360} mark={title.charAt(0)} />
				<span class={css.what}>
					<span class={css.title} dir="auto">{title}</span>
					<span class={css.sub} dir="auto">{STATES[item.state] && <em class={css.narrow}>{STATES[item.state]} · </em>}{sub || kindWord(item.kind)}</span>
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

function Poster({ item, index, total, chosen, toggle }: OneProps) {
	if (!item) return <div class={css.blank} role="listitem" aria-hidden="true"><i /></div>;
	const [title, sub] = titleOf(item);
	return (
		<div class={`${css.poster} ${chosen ? css.chosen : ""}`} role="listitem" data-row={index} aria-setsize={total} aria-posinset={index + 1}>
			<a href={`/library/${item.id}`}>
				<Picture src={pictureOf(item)} hue={(item.id * 47) % 360} mark={title.charAt(0)} />
				<span class={css.title} dir="auto">{title}</span>
				<span class={css.sub} dir="auto">{STATES[item.state] ?? (sub || [kindWord(item.kind), item.year].filter(Boolean).join(" · "))}</span>
			</a>
			<label class={css.tick}><input class={ui.tick} type="checkbox" tabIndex={-1} checked={chosen} aria-label={`Choose ${title}`} onClick={toggle} /></label>
		</div>
	);
}
