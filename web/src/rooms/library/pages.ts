/* pages.ts - the library's list, fetched in pages of 100 as they come into view.
 * A new question throws the pages away; a change in the library fetches those in view again, in their place. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, getItems, type Item, type Sort } from "../../api.ts";
import { pagesNeeded } from "../../lib/paging.ts";

export const PAGE = 100;

export interface Question {
	q: string;
	sort: Sort;
}

export interface List {
	/** null: not known yet. */
	total: number | null;
	at(row: number): Item | undefined;
	/** Sees to it that these rows are there soon. */
	want(first: number, last: number): void;
	trouble: string;
	/** What is wrong with the filter, with the place. */
	fault: string;
}

export function useItems(question: Question, edition: number): List {
	const { q, sort } = question;
	const key = JSON.stringify([q, sort]);
	const state = useRef({ key: "", pages: new Map<number, Item[]>(), fresh: new Set<number>(), pending: new Set<number>(), total: null as number | null, abort: new AbortController(), span: [0, 0] as [number, number] });
	const [, redraw] = useState(0);
	const [trouble, setTrouble] = useState("");
	const [fault, setFault] = useState("");

	const load = (page: number) => {
		const s = state.current;
		if (s.pending.has(page)) return;
		s.pending.add(page);
		const asked = s.key;
		getItems({ q, sort, limit: PAGE, offset: page * PAGE }, s.abort.signal)
			.then((answer) => {
				if (asked !== s.key) return;
				if (s.fresh.size === 0) for (const old of s.pages.keys()) if (old !== page && !s.pending.has(old)) s.pages.delete(old);
				s.pages.set(page, answer.items);
				s.fresh.add(page);
				s.total = answer.total;
				setTrouble("");
				setFault("");
			})
			.catch((cause: unknown) => {
				if (asked !== s.key || s.abort.signal.aborted) return;
				if (cause instanceof ApiError && cause.status === 400) return setFault(cause.message);
				setTrouble(cause instanceof ApiError ? cause.message : String(cause));
				setTimeout(() => asked === s.key && load(page), 3_000);
			})
			.finally(() => {
				if (asked !== s.key) return;
				s.pending.delete(page);
				redraw((n) => n + 1);
			});
	};

	useEffect(() => {
		const s = state.current;
		s.abort.abort();
		s.abort = new AbortController();
		s.key = key;
		s.fresh.clear();
		s.pending.clear();
		s.span = [0, 0];
		load(0);
		return () => s.abort.abort();
	}, [key]);

	useEffect(() => {
		if (edition === 0) return;
		const s = state.current;
		s.fresh.clear();
		for (const page of pagesNeeded(s.span[0], s.span[1], s.total ?? 1, PAGE, () => false)) load(page);
	}, [edition]);

	return {
		total: state.current.total,
		at: (row) => state.current.pages.get(Math.floor(row / PAGE))?.[row % PAGE],
		want(first, last) {
			const s = state.current;
			s.span = [first, last];
			if (s.total !== null && s.key === key) for (const page of pagesNeeded(first, last, s.total, PAGE, (p) => s.fresh.has(p))) load(page);
		},
		trouble,
		fault,
	};
}
