/* paging.ts - which pages of a long list must be fetched for the rows in view.
 * Pure: no fetch here (rooms/library/pages.ts does that). */

/** Numbers of the pages that hold rows first..last (inclusive) and are not had yet, nearest to the middle first. */
export function pagesNeeded(first: number, last: number, total: number, size: number, have: (page: number) => boolean): number[] {
	if (total <= 0 || last < first) return [];
	const from = Math.max(0, Math.floor(first / size));
	const to = Math.min(Math.floor((total - 1) / size), Math.floor(last / size));
	const middle = Math.floor((first + last) / 2 / size);
	const pages: number[] = [];
	for (let page = from; page <= to; page++) if (!have(page)) pages.push(page);
	return pages.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
}

/** Rows first..last (inclusive) that a window shows, with `over` more on both sides. */
export function rowsInView(top: number, height: number, row: number, total: number, over: number): [first: number, last: number] {
	if (total <= 0 || row <= 0) return [0, -1];
	const first = Math.max(0, Math.floor(top / row) - over);
	const last = Math.min(total - 1, Math.ceil((top + height) / row) - 1 + over);
	return [Math.min(first, total - 1), last];
}
