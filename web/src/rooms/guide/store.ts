/* store.ts - the guide's programmes, fetched by windows of time as they come into view and kept for the visit.
 * A change on the station (guideEdition) makes every window stale: what is shown stays until the new answer is in. */
import { signal } from "@preact/signals";
import { ApiError, getGuide, type GuideChannel } from "../../api.ts";
import { time } from "../../clock.ts";
import { HOUR, mergeSlots, toSlots, windowsNeeded, type Slot } from "./layout.ts";

export const WINDOW = 2 * HOUR;
const KEEP = 30 * HOUR;

export type GuideRow = Omit<GuideChannel, "programmes">;

export const rows = signal<GuideRow[] | null>(null);
export const trouble = signal("");
/** Counts up whenever slots changed. */
export const slotsEdition = signal(0);

const slots = new Map<number, Slot[]>();
const fetched = new Map<number, number>();
const pending = new Set<number>();
let edition = 0;

export function slotsOf(channel: number): Slot[] {
	return slots.get(channel) ?? [];
}

export function forgetWindows(): void {
	edition++;
}

/** Asks for what is missing between from and to. */
export function want(from: number, to: number): void {
	for (const start of windowsNeeded(from, to, WINDOW, (s) => pending.has(s) || fetched.get(s) === edition)) void load(start);
}

async function load(start: number): Promise<void> {
	pending.add(start);
	const asked = edition;
	try {
		const guide = await getGuide(start, start + WINDOW);
		fetched.set(start, asked);
		for (const { programmes, ...row } of guide.channels) slots.set(row.id, mergeSlots(slots.get(row.id) ?? [], toSlots(programmes), start, start + WINDOW));
		const list = guide.channels.map(({ programmes: _, ...row }) => row).sort((a, b) => a.number - b.number);
		if (JSON.stringify(list) !== JSON.stringify(rows.value)) rows.value = list;
		trouble.value = "";
		forget();
		slotsEdition.value++;
	} catch (cause) {
		trouble.value = cause instanceof ApiError ? cause.message : String(cause);
		setTimeout(() => slotsEdition.value++, 4_000);
	} finally {
		pending.delete(start);
	}
}

/* The past that has scrolled far away is let go. */
function forget(): void {
	const old = time() - KEEP;
	for (const start of fetched.keys()) if (start + WINDOW < old) fetched.delete(start);
	for (const [channel, list] of slots) if (list[0] && list[0].end < old) slots.set(channel, list.filter((slot) => slot.end >= old));
}
