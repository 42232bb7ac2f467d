/* timecode.ts - hh:mm:ss.ff read back: the place of a frame in ms; frames counted. Writing one is timecode() in words.ts.
 * Pure. */

/** ms, or null when it is none. Accepts hh:mm:ss, mm:ss and seconds, each with frames or without; frames at `fps`. With an s
 * behind it the part after the point is of a second: 90.5 s. */
export function readTimecode(text: string, fps: number | null | undefined): number | null {
	const seconds = /^(\d{1,6})(?:[.,](\d{1,3}))?\s*s$/.exec(text.trim());
	if (seconds) return Number(seconds[1]) * 1000 + Number((seconds[2] ?? "").padEnd(3, "0"));
	const cut = /^(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})(?:[.:;](\d{1,3}))?$/.exec(text.trim());
	if (!cut) return null;
	const [, h = "0", m = "0", s, f] = cut;
	if ((Number(m) > 59 && cut[1] !== undefined) || (cut[2] !== undefined && (s!.length > 2 || Number(s) > 59))) return null;
	const whole = (Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000;
	if (f === undefined) return whole;
	const rate = fps || 25;
	if (Number(f) >= Math.ceil(rate)) return null;
	return whole + Math.ceil((Number(f) * 1000) / rate - 1e-6);
}

/** How many frames lie before the one that stands at this time. */
export function frameAt(ms: number, fps: number): number {
	return Math.floor((ms * fps) / 1000 + 1e-3);
}

/** The first whole ms of that frame. */
export function frameStart(frame: number, fps: number): number {
	return Math.ceil((frame * 1000) / fps - 1e-6);
}
