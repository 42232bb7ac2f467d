/* choice.ts - which titles are chosen: some of them one by one, or all that the filter finds. A new filter ends it. */
import { useEffect, useRef, useState } from "preact/hooks";

export interface Choice {
	any: boolean;
	all: boolean;
	ids: Set<number>;
	has: (id: number) => boolean;
	/** With `reach`, everything from the last one chosen to this: ids of the rows between are asked for. */
	toggle: (id: number, row: number, reach?: (from: number, to: number) => number[]) => void;
	chooseAll: () => void;
	clear: () => void;
}

export function useChoice(question: string): Choice {
	const [ids, setIds] = useState(new Set<number>());
	const [all, setAll] = useState(false);
	const last = useRef(-1);
	const clear = () => {
		setIds(new Set());
		setAll(false);
		last.current = -1;
	};
	useEffect(clear, [question]);
	return {
		any: all || ids.size > 0,
		all,
		ids,
		has: (id) => all || ids.has(id),
		toggle(id, row, reach) {
			const next = new Set(all ? [] : ids);
			if (reach && last.current >= 0) for (const one of reach(Math.min(last.current, row), Math.max(last.current, row))) next.add(one);
			else if (!all && next.has(id)) next.delete(id);
			else next.add(id);
			last.current = row;
			setAll(false);
			setIds(next);
		},
		chooseAll: () => setAll(true),
		clear,
	};
}
