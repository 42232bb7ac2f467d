/* virtual.ts - a long list of which only what is seen is drawn: rows of one height in a box that scrolls. Where one was
 * is remembered by `id` for the visit, so that coming back shows the same place. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer, type VirtualItem } from "@tanstack/virtual-core";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

const places = new Map<string, number>();

export interface Virtual {
	box: { current: HTMLDivElement | null };
	rows: VirtualItem[];
	height: number;
	onScroll: (event: { currentTarget: HTMLDivElement }) => void;
}

/** rem: the height of a row. The component must be keyed by id. */
export function useVirtual(id: string, count: number, rem: number): Virtual {
	const box = useRef<HTMLDivElement>(null);
	const [, redraw] = useState(0);
	const height = Math.round(parseFloat(getComputedStyle(document.documentElement).fontSize) * rem);
	const virtual = useMemo(
		() =>
			new Virtualizer<HTMLDivElement, HTMLElement>({
				count: 0,
				getScrollElement: () => box.current,
				estimateSize: () => height,
				overscan: 8,
				initialOffset: places.get(id) ?? 0,
				scrollToFn: elementScroll,
				observeElementRect,
				observeElementOffset,
				onChange: () => redraw((n) => n + 1),
			}),
		[],
	);
	virtual.setOptions({ ...virtual.options, count, estimateSize: () => height });
	useLayoutEffect(() => {
		const leave = virtual._didMount();
		virtual._willUpdate();
		return leave;
	}, []);
	useLayoutEffect(() => virtual._willUpdate());
	useLayoutEffect(() => virtual.measure(), [height]);
	useLayoutEffect(() => {
		const top = places.get(id) ?? 0;
		if (box.current && count > 0 && box.current.scrollTop !== top) box.current.scrollTop = top;
	}, [count > 0]);
	return { box, rows: virtual.getVirtualItems(), height: virtual.getTotalSize(), onScroll: (event) => void places.set(id, event.currentTarget.scrollTop) };
}
