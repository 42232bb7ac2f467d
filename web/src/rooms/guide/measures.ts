/* measures.ts - the guide's sizes in px, from the window and the text size: rows and columns grow with the text. */
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

export interface Measures {
	/** Width of the time in view. */
	lane: number;
	column: number;
	row: number;
	ruler: number;
	phone: boolean;
}

export function useMeasures(grid: RefObject<HTMLElement | null>): Measures {
	const [measures, set] = useState<Measures>({ lane: 0, column: 0, row: 1, ruler: 0, phone: false });
	useLayoutEffect(() => {
		const box = grid.current!;
		const measure = () => {
			const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
			const phone = innerWidth <= 760;
			const column = rem * (phone ? 4.25 : 12);
			set({ lane: Math.max(100, box.clientWidth - column), column, row: rem * 4.25, ruler: rem * 2.5, phone });
		};
		measure();
		const watcher = new ResizeObserver(measure);
		watcher.observe(box);
		return () => watcher.disconnect();
	}, []);
	return measures;
}
