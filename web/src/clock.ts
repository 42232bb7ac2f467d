/* clock.ts - the station's time in this browser: the browser's clock, corrected by what the server says.
 *
 * `status.now` is exact and wins; the Date header (whole seconds) serves until it has been heard. */
import { signal } from "@preact/signals";

let offset = 0;
let trust: "none" | "header" | "status" = "none";

export function setClock(server: number, by: "header" | "status"): void {
	if (by === "header" && trust === "status") return;
	const next = server - Date.now();
	if (trust !== "none" && Math.abs(next - offset) < 250) return;
	const jump = Math.abs(next - offset) > 1_500;
	offset = Math.round(next);
	trust = by;
	if (jump) now.value = time();
}

/** The station's time, whole ms since the epoch. */
export function time(): number {
	return Date.now() + offset;
}

/** The station's time, to the second: reading it in a component keeps that component moving. */
export const now = signal(Date.now());

/* A page that nobody sees is drawn anew now and then only: its title and the lock screen go on. */
function tick(): void {
	if (!document.hidden || Math.abs(time() - now.value) > 15_000) now.value = time();
	setTimeout(tick, 1_000 - (time() % 1_000) + 5);
}

if (typeof document !== "undefined") {
	tick();
	document.addEventListener("visibilitychange", () => {
		if (!document.hidden) now.value = time();
	});
}
