/* others.tsx - the small list of channels beside the picture; only those in view are drawn. */
import { useEffect } from "preact/hooks";
import { now } from "../../clock.ts";
import { isIdle, quietLine, UNHEARD } from "../../lib/programme.ts";
import { isLong } from "../../lib/words.ts";
import { useVirtual } from "../../lib/virtual.ts";
import { airing, channels, line } from "../../station.ts";
import { Bar } from "../../ui/bar.tsx";
import css from "./others.module.css";

const ROW = 4.125;
/** So many are shown on a phone before the list scrolls by itself. */
const TALL = 7;

export function Others({ current }: { current: number }) {
	const t = now.value;
	const list = channels.value ?? [];
	const virtual = useVirtual("others", list.length, ROW);
	useEffect(() => {
		const box = virtual.box.current;
		const at = list.findIndex((channel) => channel.number === current);
		if (box && at >= 0) box.scrollTop = (at + 0.5) * (virtual.height / list.length) - box.clientHeight / 2;
	}, [current, channels.value === null]);
	return (
		<div ref={virtual.box} class={css.list} role="list" style={{ "--tall": `${Math.min(list.length, TALL) * ROW}rem` }} onScroll={virtual.onScroll}>
			<div style={{ position: "relative", height: `${virtual.height}px` }}>
				{virtual.rows.map((row) => {
					const channel = list[row.index];
					const on = channel && airing(channel, t);
					const idle = on && isIdle(on.now, on.next);
					const programme = idle ? null : on?.now;
					return channel && (
						<div key={channel.id} class={`hue ${css.place}`} role="listitem" aria-setsize={list.length} aria-posinset={row.index + 1} style={{ "--hue": String(channel.hue), transform: `translateY(${row.start}px)`, height: `${row.size}px` }}>
							<a class={css.row} href={`/watch/${channel.number}`} aria-current={channel.number === current ? "true" : undefined}>
								<span class={css.number} data-long={isLong(channel.number)}>{channel.number}</span>
								<span class={css.text}>
									<span class={css.name} dir="auto">{channel.name}</span>
									<span class={css.title} dir="auto">{programme?.title ?? (!idle && line.value === "lost" ? UNHEARD : quietLine(idle ? { state: "empty" } : channel)).title}</span>
									{programme && <Bar start={programme.start} end={programme.end} thin />}
								</span>
							</a>
						</div>
					);
				})}
			</div>
		</div>
	);
}
