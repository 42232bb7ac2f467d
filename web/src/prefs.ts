/* prefs.ts - what this browser remembers: theme, volume, last channel, zoom. Never needed: a browser that keeps
 * nothing shows the same page. */
import { signal } from "@preact/signals";

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

export const lastChannel = () => Number(recall("channel")) || null;
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
