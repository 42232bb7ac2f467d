/* router.ts - which room is open, by the address. The server answers every such address with the page. */
import { signal } from "@preact/signals";

export type Route =
	| { room: "onnow" | "guide" | "library" | "activity" }
	| { room: "watch"; number: number }
	| { room: "item"; id: number }
	| { room: "nowhere"; path: string };

/** Pure: the room an address names. */
export function parseRoute(path: string): Route {
	const parts = path.split("/").filter(Boolean);
	const [room, rest] = parts;
	if (!room) return { room: "onnow" };
	if (parts.length === 1 && (room === "guide" || room === "library" || room === "activity")) return { room };
	if (parts.length === 2 && /^\d{1,9}$/.test(rest!)) {
		if (room === "watch") return { room: "watch", number: Number(rest) };
		if (room === "library") return { room: "item", id: Number(rest) };
	}
	return { room: "nowhere", path };
}

export const route = signal<Route>(parseRoute(typeof location === "undefined" ? "/" : location.pathname));

/** Counts the rooms entered since the page was opened: 0 means "back" would leave the page. */
export let visits = 0;

const RESUME = new Map<string, number>();

export function go(path: string, replace = false): void {
	if (path === location.pathname + location.search) return;
	RESUME.set(location.pathname, scrollY);
	if (replace) history.replaceState(null, "", path);
	else {
		history.pushState(null, "", path);
		visits++;
	}
	arrive(0);
}

function arrive(top: number): void {
	route.value = parseRoute(location.pathname);
	requestAnimationFrame(() => scrollTo(0, top));
}

export function startRouter(): void {
	history.scrollRestoration = "manual";
	addEventListener("popstate", () => arrive(RESUME.get(location.pathname) ?? 0));
	document.addEventListener("click", (event) => {
		if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
		const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
		if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
		if (parseRoute(link.pathname).room === "nowhere") return;
		event.preventDefault();
		go(link.pathname + link.search);
	});
}
