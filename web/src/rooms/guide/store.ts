/* store.ts - the guide's programmes, fetched in pieces (a window of time of some channels) as they come into view and kept
 * for the visit: of a thousand channels a window is 30 MB. A change on the station (guideEdition) makes every piece stale:
 * what is shown stays until the new answer is in. */
import { computed, signal } from "@preact/signals";
import { getGuide } from "../../api.ts";
import { time } from "../../clock.ts";
import { channels } from "../../station.ts";
import { HOUR, mergeSlots, pieceOf, piecesNeeded, toSlots, type Piece, type Slot } from "./layout.ts";

export const WINDOW = 2 * HOUR;
const KEEP = 30 * HOUR;
/** Channels in a piece. */
export const PART = 24;

export interface GuideRow {
	id: number;
	number: number;
	name: string;
	hue: number;
}

/** The channels by number; the same list until one of them changes. */
let last: GuideRow[] | null = null;
export const rows = computed<GuideRow[] | null>(() => {
	const list = channels.value?.map(({ id, number, name, hue }) => ({ id, number, name, hue })) ?? null;
	if (JSON.stringify(list) !== JSON.stringify(last)) last = list;
	return last;
});
/** Counts up whenever slots changed. */
export const slotsEdition = signal(0);

const slots = new Map<number, Slot[]>();
const fetched = new Map<string, { piece: Piece; edition: number }>();
const pending = new Set<string>();
let edition = 0;

export function slotsOf(channel: number): Slot[] {
	return slots.get(channel) ?? [];
}

/** Whether the station has said what the index-th channel airs at t; what was said may be stale. */
export function heard(index: number, t: number): boolean {
	return fetched.has(pieceOf(t, index, WINDOW, PART).key);
}

export function forgetWindows(): void {
	edition++;
}

/** Asks for what is missing between from and to, of the first-th to the last-th channel. */
export function want(from: number, to: number, first: number, last: number): void {
	for (const piece of piecesNeeded(from, to, WINDOW, first, last, PART, (key) => pending.has(key) || fetched.get(key)?.edition === edition)) void load(piece);
}

/** The same for one channel, and for those that are fetched with it. */
export function wantOf(channel: number, from: number, to: number): void {
	const index = rows.value?.findIndex((row) => row.id === channel) ?? -1;
	if (index >= 0) want(from, to, index, index);
}

async function load(piece: Piece): Promise<void> {
	const { key, start } = piece;
	pending.add(key);
	const asked = edition;
	try {
		const guide = await getGuide(start, start + WINDOW, piece.first, PART);
		fetched.set(key, { piece, edition: asked });
		for (const { programmes, id } of guide.channels) slots.set(id, mergeSlots(slots.get(id) ?? [], toSlots(programmes), start, start + WINDOW));
		forget();
		slotsEdition.value++;
	} catch {
		/* Head says when the station does not answer. */
		setTimeout(() => slotsEdition.value++, 4_000);
	} finally {
		pending.delete(key);
	}
}

/* The past that has scrolled far away is let go. */
function forget(): void {
	const old = time() - KEEP;
	for (const [key, { piece }] of fetched) if (piece.start + WINDOW < old) fetched.delete(key);
	for (const [channel, list] of slots) if (list[0] && list[0].end < old) slots.set(channel, list.filter((slot) => slot.end >= old));
}
