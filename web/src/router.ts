/* router.ts - which room is open, by the address. The server answers every such address with the page. */
import { signal } from "@preact/signals";

export type Route =
	| { room: "onnow" | "guide" | "library" | "station" | "activity" | "screens" }
	/** id: null for a channel that is to be made. */
	| { room: "channel"; id: number | null }
	/** A room of the library that is not the list of titles. */
	| { room: "shelf"; shelf: Shelf }
	/** at: seconds since the epoch to watch from, or null for what is on now. */
	| { room: "watch"; number: number; at: number | null }
	| { room: "item"; id: number }
	| { room: "nowhere"; path: string };

export const SHELVES = ["collections", "duplicates", "junk", "unknown", "trash", "organise", "folders"] as const;
export type Shelf = (typeof SHELVES)[number];

/** Pure: the room an address names. */
export function parseRoute(path: string, search = ""): Route {
	const parts = path.split("/").filter(Boolean);
	const [room, rest] = parts;
	if (!room) return { room: "onnow" };
	if (parts.length === 1 && (room === "guide" || room === "library" || room === "station" || room === "activity" || room === "screens")) return { room };
	if (parts.length === 2 && room === "station" && rest === "new") return { room: "channel", id: null };
	if (parts.length === 2 && room === "library" && SHELVES.some((shelf) => shelf === rest)) return { room: "shelf", shelf: rest as Shelf };
	if (parts.length === 2 && /^\d{1,9}$/.test(rest!)) {
		if (room === "watch") return { room: "watch", number: Number(rest), at: atOf(search) };
		if (room === "station") return { room: "channel", id: Number(rest) };
		if (room === "library") return { room: "item", id: Number(rest) };
	}
	return { room: "nowhere", path };
}

function atOf(search: string): number | null {
	const at = new URLSearchParams(search).get("at") ?? "";
	return /^\d{1,11}$/.test(at) ? Number(at) : null;
}

/** The address of a channel, live or from an instant (ms) on. */
export function watchPath(number: number, from?: number | null): string {
	return from == null ? `/watch/${number}` : `/watch/${number}?at=${Math.ceil(from / 1000)}`;
}

export const route = signal<Route>(typeof location === "undefined" ? { room: "onnow" } : parseRoute(location.pathname, location.search));

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
	route.value = parseRoute(location.pathname, location.search);
	requestAnimationFrame(() => scrollTo(0, top));
}

export function startRouter(): void {
	history.scrollRestoration = "manual";
	addEventListener("popstate", () => arrive(RESUME.get(location.pathname) ?? 0));
	document.addEventListener("click", (event) => {
		if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
		const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
		if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
		if (link.hash || parseRoute(link.pathname).room === "nowhere") return;
		event.preventDefault();
		go(link.pathname + link.search);
	});
}
