/* matches.tsx - what a channel's rules find, while they are being written: how many, how long it lasts, and the first of
 * them. What is wrong with the filter goes up to the form, which points at it. */
import { useEffect, useState } from "preact/hooks";
import { ApiError, getItems, pictureOf, type Item, type Page, type Rules } from "../../api.ts";
import { countWord, kindWord, lengthWord } from "../../lib/words.ts";
import { libraryEdition, status } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { Picture } from "../../ui/picture.tsx";
import { titleOf } from "../library/title.ts";
import { askedItems } from "./rules.ts";
import css from "./matches.module.css";

const SHOWN = 8;

export function Matches({ query, hue, fault }: { query: Rules["query"]; hue: number; fault: (trouble: string) => void }) {
	const [page, setPage] = useState<Page<Item> | null>(null);
	const [trouble, setTrouble] = useState("");
	const asked = askedItems(query);
	useEffect(() => {
		const abort = new AbortController();
		const timer = setTimeout(() => {
			getItems({ ...asked, limit: SHOWN, offset: 0 }, abort.signal).then(
				(found) => {
					setPage(found);
					setTrouble("");
					fault("");
				},
				(cause: unknown) => {
					if (abort.signal.aborted) return;
					const message = cause instanceof Error ? cause.message : String(cause);
					if (cause instanceof ApiError && cause.status === 400) fault(message);
					else setTrouble(message);
				},
			);
		}, 120);
		return () => {
			clearTimeout(timer);
			abort.abort();
		};
	}, [JSON.stringify(asked), libraryEdition.value]);
	return (
		<section class={css.matches} aria-label="What it would play" aria-live="polite">
			<h2 class={ui.title}>What it would play</h2>
			{trouble && <p class={ui.wrong}>{trouble}</p>}
			{page && (
				<p class={css.count}>
					<b>{countWord(page.total)}</b> {page.total === 1 ? "title" : "titles"}
				</p>
			)}
			{page?.total === 0 && status.value?.library.items === 0 && <p class={ui.dim}>The library is empty. <a class={ui.link} href="/library/folders">Show the station a folder</a> first, or make the channel now: it shows its name on a still picture until something comes.</p>}
			{page?.total === 0 && status.value?.library.items !== 0 && <p class={ui.dim}>Nothing in the library is so. Take something out of the filter, or leave it: the channel shows its name on a still picture until something comes.</p>}
			<ul>
				{page?.items.map((item) => {
					const [title, sub] = titleOf(item);
					return (
						<li key={item.id}>
							<Picture class={css.thumb!} src={pictureOf(item)} hue={hue} mark={title.charAt(0)} />
							<span class={css.what}>
								<span class={css.title} dir="auto">{title}</span>
								<span class={css.sub} dir="auto">{[sub || kindWord(item.kind), item.year, item.duration_ms ? lengthWord(item.duration_ms) : "", item.state === "failed" ? "can't be played, so it is left out" : item.state === "missing" ? "its file is gone, so it is left out" : ""].filter(Boolean).join(" · ")}</span>
							</span>
						</li>
					);
				})}
			</ul>
			{page && page.total > SHOWN && <p class={ui.dim}>and {countWord(page.total - SHOWN)} more</p>}
		</section>
	);
}
