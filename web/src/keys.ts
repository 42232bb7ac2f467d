/* keys.ts - the keyboard and the remote.
 *
 * A room registers its keys with `useKeys` and is asked first; then come the keys of the whole page: g + letter,
 * digits tune, / search, ? help, arrows move the focus. What a key means is one row in KEYS, which `?` shows. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { moveFocus, type Way } from "./lib/spatial.ts";
import { byNumber, channels } from "./station.ts";
import { channelBefore, lastChannel } from "./prefs.ts";
import { go, route, visits } from "./router.ts";

export const KEYS: { where: string; keys: [keys: string, does: string][] }[] = [
	{ where: "Everywhere", keys: [["0–9", "tune to a channel"], ["Backspace", "the channel before"], ["/", "search the library"], ["g n", "On now"], ["g w", "Watch"], ["g g", "Guide"], ["g l", "Library"], ["g s", "Station"], ["g a", "Activity"], ["g o", "Other screens"], ["← ↑ → ↓", "move"], ["Enter", "open"], ["Esc", "back"], ["?", "these keys"]] },
	{ where: "Watch", keys: [["↑ ↓", "channel up, down"], ["← →", "back, on by 30 s (Shift: 5 min)"], ["s", "start over"], ["l", "back to live"], ["Space", "pause, go on"], ["Enter", "the buttons"], ["m", "sound on, off"], ["+ −", "louder, softer"], ["f", "full screen"], ["p", "picture in picture"], ["c", "list of channels"]] },
	{ where: "Guide", keys: [["← →", "earlier, later"], ["↑ ↓", "channel"], ["Enter", "watch (what is over: from its start)"], ["+ −", "zoom"], ["n", "now"], ["t", "tonight"], ["o", "tomorrow"], ["y", "yesterday"]] },
	{ where: "Library", keys: [["x", "choose a title (Shift with the mouse: up to here)"], ["Esc", "choose none"], [", .", "one frame back, on (a title that plays)"]] },
];

export const helpOpen = signal(false);
/** The digits typed so far, or "". */
export const dialled = signal("");

export type KeyHandler = (event: KeyboardEvent) => boolean | void;
const rooms: KeyHandler[] = [];

/** The newest handler is asked first; true means the key is done with. */
export function useKeys(handler: KeyHandler): void {
	const latest = useRef(handler);
	latest.current = handler;
	useEffect(() => {
		const ask: KeyHandler = (event) => latest.current(event);
		rooms.push(ask);
		return () => {
			rooms.splice(rooms.indexOf(ask), 1);
		};
	}, []);
}

/* When "g" was pressed, waiting for the room's letter. */
let prefix = 0;
const prefixed = () => prefix > 0 && Date.now() - prefix < 1_500;

let dialTimer: ReturnType<typeof setTimeout> | undefined;

function dial(digit: string): void {
	dialled.value = (dialled.value + digit).slice(-5);
	clearTimeout(dialTimer);
	const typed = dialled.value;
	const open = (channels.value ?? []).some((channel) => String(channel.number) !== typed && String(channel.number).startsWith(typed));
	dialTimer = setTimeout(tune, open ? 1_200 : 350);
}

function tune(): void {
	const number = Number(dialled.value);
	if (byNumber.value.has(number)) {
		dialled.value = "";
		go(`/watch/${number}`);
	} else dialTimer = setTimeout(() => (dialled.value = ""), 1_400);
}

const ROOMS: Record<string, () => string> = {
	n: () => "/",
	o: () => "/screens",
	w: () => `/watch/${lastChannel() ?? channels.value?.[0]?.number ?? 1}`,
	g: () => "/guide",
	l: () => "/library",
	s: () => "/station",
	a: () => "/activity",
};

const WAYS: Record<string, Way> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

function wholePage(event: KeyboardEvent): boolean {
	const { key } = event;
	if (prefixed()) {
		prefix = 0;
		const path = ROOMS[key];
		if (path) {
			go(path());
			return true;
		}
	}
	if (key === "g") {
		prefix = Date.now();
		return true;
	}
	if (/^\d$/.test(key)) {
		dial(key);
		return true;
	}
	if (key === "Enter" && dialled.value) {
		clearTimeout(dialTimer);
		tune();
		return true;
	}
	if (key === "Backspace") {
		const before = channelBefore();
		if (before === null || !byNumber.value.has(before)) return false;
		go(`/watch/${before}`, route.value.room === "watch");
		return true;
	}
	if (key === "?") {
		helpOpen.value = !helpOpen.value;
		return true;
	}
	if (key === "/") {
		if (route.value.room !== "library") go("/library");
		requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector<HTMLInputElement>("input[type=search]")?.focus()));
		return true;
	}
	if (key === "Escape") {
		if (dialled.value) dialled.value = "";
		else if (helpOpen.value) helpOpen.value = false;
		else if (route.value.room === "item" && visits > 0) history.back();
		else if (route.value.room === "item" || route.value.room === "shelf") go("/library");
		else if (route.value.room === "channel") go("/station");
		else if (route.value.room === "screens") go("/");
		else if (route.value.room === "watch" && !document.fullscreenElement) go("/");
		else return false;
		return true;
	}
	const way = WAYS[key];
	return way ? moveFocus(way) : false;
}

export function startKeys(): void {
	addEventListener("keydown", (event) => {
		if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
		const at = event.target;
		const typing = at instanceof HTMLInputElement && at.type !== "range" && at.type !== "checkbox";
		if (typing && event.key !== "Escape" && event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
		if ((at instanceof HTMLInputElement && at.type === "range") && event.key.startsWith("Arrow")) return;
		if (at instanceof HTMLInputElement && /^(number|radio|date|time|color)$/.test(at.type) && event.key.startsWith("Arrow")) return;
		if (at instanceof HTMLSelectElement || at instanceof HTMLTextAreaElement) return;
		if (!helpOpen.value && document.querySelector("dialog[open]")) {
			const way = WAYS[event.key];
			if (way && moveFocus(way)) event.preventDefault();
			return;
		}
		if (helpOpen.value) {
			if (event.key === "Escape" || event.key === "?") {
				helpOpen.value = false;
				event.preventDefault();
			}
			return;
		}
		if (typing && event.key === "Escape") {
			at.blur();
			return;
		}
		for (let i = rooms.length - 1; i >= 0 && !prefixed(); i--)
			if (rooms[i]!(event)) {
				event.preventDefault();
				return;
			}
		if (wholePage(event)) event.preventDefault();
	});
}
