/* others.tsx - the small list of channels beside the picture. */
import { useEffect, useRef } from "preact/hooks";
import { now } from "../../clock.ts";
import { quietLine } from "../../lib/programme.ts";
import { airing, channels } from "../../station.ts";
import { Bar } from "../../ui/bar.tsx";
import css from "./others.module.css";

export function Others({ current }: { current: number }) {
	const list = useRef<HTMLUListElement>(null);
	const t = now.value;
	useEffect(() => {
		const box = list.current;
		const here = box?.querySelector<HTMLElement>("[aria-current]");
		if (box && here) box.scrollTop = here.offsetTop - box.clientHeight / 2;
	}, [current, channels.value === null]);
	return (
		<ul ref={list} class={css.list}>
			{(channels.value ?? []).map((channel) => {
				const { now: programme } = airing(channel, t);
				return (
					<li key={channel.id} class="hue" style={{ "--hue": String(channel.hue) }}>
						<a class={css.row} href={`/watch/${channel.number}`} aria-current={channel.number === current ? "true" : undefined}>
							<span class={css.number}>{channel.number}</span>
							<span class={css.text}>
								<span class={css.name} dir="auto">{channel.name}</span>
								<span class={css.title} dir="auto">{programme?.title ?? quietLine(channel).title}</span>
								{programme && <Bar start={programme.start} end={programme.end} thin />}
							</span>
						</a>
					</li>
				);
			})}
		</ul>
	);
}
