/* laterlist.tsx - what comes later on one channel: beside or below a wall that has room for it. */
import type { Channel } from "../../api.ts";
import { now } from "../../clock.ts";
import { subline } from "../../lib/programme.ts";
import { clockWord, dayWord } from "../../lib/words.ts";
import { guideEdition } from "../../station.ts";
import { Picture } from "../../ui/picture.tsx";
import { HOUR } from "../guide/layout.ts";
import { forgetWindows, slotsEdition, slotsOf, wantOf } from "../guide/store.ts";
import { useEffect } from "preact/hooks";
import css from "./laterlist.module.css";

const MOST = 8;

export function LaterList({ channel, strip }: { channel: Channel; strip: boolean }) {
	const t = now.value;
	void slotsEdition.value;
	const edition = guideEdition.value;
	const minute = Math.floor(t / 60_000);
	useEffect(() => {
		if (edition > 0) forgetWindows();
	}, [edition]);
	useEffect(() => wantOf(channel.id, t, t + 8 * HOUR), [channel.id, minute, edition]);
	const later = slotsOf(channel.id).filter((slot) => slot.start > t).slice(0, MOST);
	if (later.length === 0) return null;
	return (
		<li class={`hue ${css.later} ${strip ? css.strip : ""}`} style={{ "--hue": String(channel.hue) }}>
			<div class={css.head}>
				<h2>
					Later on <b>{channel.number}</b> {channel.name}
				</h2>
				<a href="/guide">The whole guide</a>
			</div>
			<ol class={css.list}>
				{later.map(({ start, programme }) => (
					<li key={start}>
						<a class={css.one} href={programme.item_id ? `/library/${programme.item_id}` : "/guide"}>
							<span class={css.picture}><Picture src={programme.thumbnail} hue={channel.hue} mark={String(channel.number)} /></span>
							<time>{dayWord(start, t) === "tomorrow" && <i>tomorrow </i>}{clockWord(start)}</time>
							<span class={css.title} dir="auto">{programme.title}</span>
							<span class={css.sub} dir="auto">{subline(programme)}</span>
						</a>
					</li>
				))}
			</ol>
		</li>
	);
}
