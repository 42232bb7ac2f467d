/* seen.ts - what the picture in view belongs to: the programme at the instant that is seen, which live is some
 * seconds behind the clock and in the past any time behind it.
 *
 * The instants near the present are known with the channel; older ones are asked of the guide. */
import type { Channel, Programme } from "../../api.ts";
import { time } from "../../clock.ts";
import { slotsEdition, slotsOf, wantOf } from "../guide/store.ts";

/** Pure: of these programmes the one at t and the first after it. */
export function programmeAt(known: (Programme | null | undefined)[], t: number): { now: Programme | null; next: Programme | null } {
	let now: Programme | null = null;
	let next: Programme | null = null;
	for (const programme of known) {
		if (!programme) continue;
		const start = Date.parse(programme.start);
		if (start > t) {
			if (!next || start < Date.parse(next.start)) next = programme;
		} else if (Date.parse(programme.end) > t) now = programme;
	}
	return { now, next };
}

/** The same for a channel; `last` is what was shown before. Fetches what is missing: draw again on slotsEdition. */
export function seenProgramme(channel: Channel, t: number, last: Programme | null): { now: Programme | null; next: Programme | null } {
	void slotsEdition.value;
	const before = last && last.channel === channel.id ? last : null;
	const slots = slotsOf(channel.id).filter((slot) => slot.end > t && slot.start < t + 86_400_000);
	const found = programmeAt([...slots.map((slot) => slot.programme), before, channel.now, channel.next], t);
	const behind = time() - t > 15_000;
	if (!behind) return found;
	if (!found.now) wantOf(channel.id, t, t + 1);
	else if (!found.next || Date.parse(found.next.start) > Date.parse(found.now.end) + 1_000) wantOf(channel.id, Date.parse(found.now.end), Date.parse(found.now.end) + 1);
	/* What is not known to follow at once may only be the next that is known. */
	if (found.now && found.next && slots.length < 2 && Date.parse(found.next.start) > Date.parse(found.now.end) + 1_000) found.next = null;
	return found;
}
