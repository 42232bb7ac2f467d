/* prefs.ts - what this browser remembers: theme, clock, volume, last channels, zoom. Never needed: a browser that keeps
 * nothing shows the same page. */
import { signal } from "@preact/signals";
import { setTwelve } from "./lib/words.ts";

export function recall(key: string): string | null {
	try {
		return localStorage.getItem(`matinee.${key}`);
	} catch {
		return null;
	}
}

export function remember(key: string, value: string): void {
	try {
		localStorage.setItem(`matinee.${key}`, value);
	} catch {
		/* private window: forgotten, no harm */
	}
}

export type Theme = "dark" | "light" | "system";

const stored = recall("theme");
export const theme = signal<Theme>(stored === "light" || stored === "system" ? stored : "dark");

export function applyTheme(): void {
	const light = theme.value === "light" || (theme.value === "system" && matchMedia("(prefers-color-scheme: light)").matches);
	document.documentElement.dataset.theme = light ? "light" : "dark";
	document.querySelector('meta[name="theme-color"]')?.setAttribute("content", light ? "#f6f3ec" : "#0e1116");
}

export function setTheme(next: Theme): void {
	theme.value = next;
	remember("theme", next);
	applyTheme();
}

export type Hours = "12" | "24" | "system";

const storedHours = recall("hours");
export const hours = signal<Hours>(storedHours === "12" || storedHours === "24" ? storedHours : "system");

/** How the viewer's own region writes times. */
function regionTwelve(): boolean {
	const cycle = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hourCycle;
	return cycle === "h12" || cycle === "h11";
}

export function applyHours(): void {
	setTwelve(hours.value === "12" || (hours.value === "system" && regionTwelve()));
}

export function setHours(next: Hours): void {
	remember("hours", next);
	setTwelve(next === "12" || (next === "system" && regionTwelve()));
	hours.value = next;
}

/** The channel watched before this one. */
export const channelBefore = () => Number(recall("before")) || null;

export function rememberChannel(number: number): void {
	const last = lastChannel();
	if (last !== null && last !== number) remember("before", String(last));
	remember("channel", String(number));
}

export const lastChannel = () => Number(recall("channel")) || null;
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
