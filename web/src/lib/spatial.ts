/* spatial.ts - the arrow keys of a keyboard or a remote reach everything: from one rectangle, which is the
 * next one that way? `nearest` is pure; `moveFocus` applies it to what can be focused on the page. */

export type Way = "left" | "right" | "up" | "down";

export interface Box {
	left: number;
	top: number;
	right: number;
	bottom: number;
}

/** Index of the box that lies nearest in that direction, or -1. Boxes in the same lane win over nearer ones aside. */
export function nearest(from: Box, boxes: Box[], way: Way): number {
	let best = -1;
	let bestCost = Infinity;
	boxes.forEach((box, i) => {
		const flat = way === "left" || way === "right";
		const ahead =
			way === "right" ? box.left - from.right : way === "left" ? from.left - box.right : way === "down" ? box.top - from.bottom : from.top - box.bottom;
		const centre =
			way === "right" || way === "left"
				? (way === "right" ? 1 : -1) * ((box.left + box.right) / 2 - (from.left + from.right) / 2)
				: (way === "down" ? 1 : -1) * ((box.top + box.bottom) / 2 - (from.top + from.bottom) / 2);
		if (centre <= 1 || ahead < -8) return;
		const overlap = flat
			? Math.min(from.bottom, box.bottom) - Math.max(from.top, box.top)
			: Math.min(from.right, box.right) - Math.max(from.left, box.left);
		const aside = flat
			? Math.abs((box.top + box.bottom - from.top - from.bottom) / 2)
			: Math.abs((box.left + box.right - from.left - from.right) / 2);
		const cost = Math.max(0, ahead) + aside * (overlap > 0 ? 0.3 : 2.5) + (overlap > 0 ? 0 : 200);
		if (cost < bestCost) {
			bestCost = cost;
			best = i;
		}
	});
	return best;
}

const FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled]), select, textarea, video[controls], [tabindex='0']";

/** Within the question that is open, if there is one. */
export function moveFocus(way: Way): boolean {
	const all = [...(document.querySelector("dialog[open]") ?? document).querySelectorAll<HTMLElement>(FOCUSABLE)].filter((el) => el.offsetParent !== null && el.tabIndex >= 0 && !el.closest("[inert]"));
	const here = document.activeElement instanceof HTMLElement && document.activeElement !== document.body ? document.activeElement : null;
	if (!here) {
		const first = document.querySelector<HTMLElement>("main [data-first]") ?? all.find((el) => el.closest("main")) ?? all[0];
		first?.focus();
		return Boolean(first);
	}
	const others = all.filter((el) => el !== here && !el.contains(here) && !here.contains(el));
	const found = others[nearest(here.getBoundingClientRect(), others.map((el) => el.getBoundingClientRect()), way)];
	if (!found) return false;
	found.focus({ preventScroll: true });
	found.scrollIntoView({ block: "nearest", inline: "nearest" });
	return true;
}
