/* timecode.ts - hh:mm:ss.ff read back: the place of a frame in ms. Writing one is timecode() in words.ts. Pure. */

/** ms, or null when it is none. Accepts ss, mm:ss and hh:mm:ss, with frames or without; frames at `fps`. */
export function readTimecode(text: string, fps: number | null | undefined): number | null {
	const cut = /^(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,2})(?:[.:;](\d{1,3}))?$/.exec(text.trim());
	if (!cut) return null;
	const [, h = "0", m = "0", s, f] = cut;
	if (Number(m) > 59 || (Number(s) > 59 && cut[2] !== undefined)) return null;
	const whole = (Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000;
	if (f === undefined) return whole;
	const rate = fps || 25;
	if (Number(f) >= Math.ceil(rate)) return null;
	return whole + Math.ceil((Number(f) * 1000) / rate - 1e-6);
}
