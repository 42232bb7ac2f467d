/* layout.ts - where programmes stand in the guide.
 *
 * Pure: instants in ms, positions in px from the sheet's beginning. A block is one programme, or a run of
 * programmes too short to be drawn one by one at this zoom, so that a row never holds more blocks than
 * its width in MIN_PX steps. */
import type { Programme } from "../../api.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const MIN_PX = 20;
/** The width of a run of programmes narrower than that: wide enough to say how many. */
export const RUN_PX = 104;

/** Time across one screen, for each zoom level. */
export const ZOOMS = [
	{ word: "5 min", across: 5 * MINUTE, tick: MINUTE },
	{ word: "15 min", across: 15 * MINUTE, tick: 5 * MINUTE },
	{ word: "30 min", across: 30 * MINUTE, tick: 5 * MINUTE },
	{ word: "2 h", across: 2 * HOUR, tick: 30 * MINUTE },
	{ word: "6 h", across: 6 * HOUR, tick: HOUR },
] as const;
/** Until something is known. */
export const FIRST_ZOOM = 3;

export interface Slot {
	start: number;
	end: number;
	programme: Programme;
}

export interface Block {
	left: number;
	width: number;
	start: number;
	end: number;
	slots: Slot[];
}

export function toSlots(programmes: Programme[]): Slot[] {
	return programmes
		.map((programme) => ({ start: Date.parse(programme.start), end: Date.parse(programme.end), programme }))
		.filter((slot) => slot.end > slot.start)
		.sort((a, b) => a.start - b.start);
}

/** Puts what was fetched for from..to among what is known: inside the span the fresh slots are the truth. */
export function mergeSlots(known: Slot[], fresh: Slot[], from: number, to: number): Slot[] {
	const begin = Math.min(from, fresh[0]?.start ?? from);
	const end = Math.max(to, fresh.at(-1)?.end ?? to);
	const before = known.filter((slot) => slot.end <= begin || (isPause(slot) && slot.start < begin)).map((slot) => ({ ...slot, end: Math.min(slot.end, begin) }));
	const after = known.filter((slot) => slot.start >= end || (isPause(slot) && slot.end > end)).map((slot) => ({ ...slot, start: Math.max(slot.start, end) }));
	return joinPauses([...before, ...fresh, ...after]);
}

/** Nothing is on: the station gives it in pieces of ten minutes. */
export const isPause = (slot: Slot) => slot.programme.kind === "slate";

/** Pauses that follow each other are one. */
export function joinPauses(slots: Slot[]): Slot[] {
	const joined: Slot[] = [];
	for (const slot of slots) {
		const last = joined.at(-1);
		if (last && isPause(last) && isPause(slot) && last.end === slot.start) joined[joined.length - 1] = { ...last, end: slot.end };
		else joined.push(slot);
	}
	return joined;
}

/** What a pause is called: a long one is no pause any more. */
export const pauseWord = (slot: Slot) => (slot.end - slot.start >= HOUR ? "Nothing planned" : "A pause");

/** Index of the first slot that ends after t. */
export function firstAfter(slots: Slot[], t: number): number {
	let low = 0;
	let high = slots.length;
	while (low < high) {
		const mid = (low + high) >> 1;
		if (slots[mid]!.end > t) high = mid;
		else low = mid + 1;
	}
	return low;
}

/** The slot on the air at t. */
export function slotAt(slots: Slot[], t: number): Slot | undefined {
	const slot = slots[firstAfter(slots, t)];
	return slot && slot.start <= t ? slot : undefined;
}

/** The slot nearest to t, for moving up and down between rows with gaps. */
export function slotNear(slots: Slot[], t: number): Slot | undefined {
	const i = firstAfter(slots, t);
	const here = slots[i];
	const before = slots[i - 1];
	if (!here || !before) return here ?? before;
	if (here.start <= t) return here;
	return here.start - t <= t - before.end ? here : before;
}

/** Blocks that touch from..to, at `scale` px per ms, px counted from `origin`. Short programmes are joined by fixed
 * cells of time, so that a run is the same run wherever the view begins. */
export function layoutRow(slots: Slot[], from: number, to: number, origin: number, scale: number): Block[] {
	const blocks: Block[] = [];
	const cell = Math.ceil(RUN_PX / scale);
	let run: Block | null = null;
	for (let i = firstAfter(slots, Math.floor(from / cell) * cell); i < slots.length; i++) {
		const slot = slots[i]!;
		if (slot.start >= to) break;
		const width = (slot.end - slot.start) * scale;
		const small = width < MIN_PX;
		if (small && run && slot.start === run.end && Math.floor(slot.start / cell) === Math.floor(run.start / cell)) {
			run.slots.push(slot);
			run.end = slot.end;
			run.width = (run.end - run.start) * scale;
			continue;
		}
		const block: Block = { left: (slot.start - origin) * scale, width, start: slot.start, end: slot.end, slots: [slot] };
		blocks.push(block);
		run = small ? block : null;
	}
	return blocks.filter((block) => block.end > from);
}

/** The zoom at which a typical programme can be read: the longest stretch of time that leaves its title room.
 * Typical is the programme in whose course half of all the time given has passed, so that one channel of
 * clips does not speak for ten of films. */
export function fitZoom(slots: Slot[], width: number, readable = 84): number {
	if (slots.length === 0) return FIRST_ZOOM;
	const lengths = slots.map((slot) => slot.end - slot.start).sort((a, b) => a - b);
	let half = lengths.reduce((sum, length) => sum + length, 0) / 2;
	const typical = lengths.find((length) => (half -= length) <= 0)!;
	for (let i = FIRST_ZOOM; i > 0; i--) if ((typical / ZOOMS[i]!.across) * width >= readable) return i;
	return 0;
}

export interface Tick {
	t: number;
	left: number;
	day: boolean;
}

/** Ruler marks between from and to, on whole local steps. */
export function ticks(from: number, to: number, step: number, origin: number, scale: number): Tick[] {
	const shift = new Date(from).getTimezoneOffset() * MINUTE;
	const found: Tick[] = [];
	for (let t = Math.ceil((from - shift) / step) * step + shift; t < to; t += step) {
		const d = new Date(t);
		found.push({ t, left: (t - origin) * scale, day: d.getHours() === 0 && d.getMinutes() === 0 });
	}
	return found;
}

/** A window of time of some channels, which are fetched at once. */
export interface Piece {
	key: string;
	start: number;
	/** Index of its first channel. */
	first: number;
}

/** The piece of `size` ms and `part` channels that holds an instant of the index-th channel. */
export function pieceOf(t: number, index: number, size: number, part: number): Piece {
	const start = Math.floor(t / size) * size;
	const first = Math.floor(index / part) * part;
	return { key: `${start}.${first}`, start, first };
}

/** Pieces that touch from..to of the channels first..last and are not had yet. */
export function piecesNeeded(from: number, to: number, size: number, first: number, last: number, part: number, have: (key: string) => boolean): Piece[] {
	const pieces: Piece[] = [];
	for (let t = Math.floor(from / size) * size; t < to; t += size)
		for (let i = Math.floor(Math.max(0, first) / part) * part; i <= last; i += part) {
			const piece = pieceOf(t, i, size, part);
			if (!have(piece.key)) pieces.push(piece);
		}
	return pieces;
}
