/* paged.ts - a list of which the station gives only so much at once, and one that is drawn in parts: more comes when the
 * end of what is there comes into view. Not here: the library's titles (rooms/library/pages.ts). */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Page } from "../api.ts";
import { useAnswer, type Answer } from "./ask.ts";

export interface Paged<T> extends Answer<Page<T>> {
	/** Whether the station has more than is here. */
	partial: boolean;
	more: () => void;
}

/** fetch gives what follows the first `offset` lines. What changes in `on` fetches all that is here once more. */
export function usePaged<T>(fetch: (offset: number, signal: AbortSignal) => Promise<Page<T>>, on: unknown[]): Paged<T> {
	const [pages, setPages] = useState(1);
	const had = useRef({ key: "", pages: 0, items: [] as T[] });
	const key = JSON.stringify(on);
	const answer = useAnswer(async (signal) => {
		let { items, pages: n } = had.current.key === key ? had.current : { items: [], pages: 0 };
		let total = items.length;
		for (; n < pages; n++) {
			const page = await fetch(items.length, signal);
			items = [...items, ...page.items];
			total = page.total;
			if (!page.items.length || items.length >= total) break;
		}
		if (!signal.aborted) had.current = { key, pages, items };
		return { total, items };
	}, [...on, pages]);
	const partial = Boolean(answer.value && answer.value.items.length < answer.value.total);
	return {
		...answer,
		partial,
		more: () => partial && !answer.asking && setPages(pages + 1),
		again: () => {
			had.current.key = "";
			answer.again();
		},
	};
}

const seen = new Map<string, number>();

/** How many of `total` are drawn, and what stands below them: `step` more whenever that is nearly in view. Remembered by
 * `id` for the visit. */
export function useParts(id: string, total: number, step: number) {
	const [shown, show] = useState(seen.get(id) ?? step);
	const end = useRef<HTMLParagraphElement>(null);
	const rest = total > shown;
	useEffect(() => {
		if (!rest || !end.current) return;
		const watch = new IntersectionObserver((entries) => {
			if (!entries.some((entry) => entry.isIntersecting)) return;
			seen.set(id, shown + step);
			show(shown + step);
		}, { rootMargin: "1200px" });
		watch.observe(end.current);
		return () => watch.disconnect();
	}, [rest, shown]);
	return { shown, rest, end };
}
