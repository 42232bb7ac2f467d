/* tools.tsx - the guide's words: jump to now, tonight, tomorrow; how much time to see at once. */
import { dayStart, dayWord } from "../../lib/words.ts";
import { Icon } from "../../ui/icon.tsx";
import { ZOOMS } from "./layout.ts";
import css from "./tools.module.css";

export type Jump = "yesterday" | "now" | "tonight" | "tomorrow" | "after";

interface Props {
	zoom: number;
	setZoom: (zoom: number) => void;
	jump: (where: Jump) => void;
	now: number;
	/** The day in view, in words. */
	day: string;
}

export function Tools({ zoom, setZoom, jump, now, day }: Props) {
	const after = dayWord(dayStart(now, 2) + 1, now);
	return (
		<div class={css.tools}>
			<div class={`${css.group} ${css.days}`} role="group" aria-label="Go to">
				<button aria-current={day === "yesterday" ? "date" : undefined} onClick={() => jump("yesterday")}>Yesterday</button>
				<button class={css.now} onClick={() => jump("now")}>Now</button>
				<button onClick={() => jump("tonight")}>Tonight</button>
				<button aria-current={day === "tomorrow" ? "date" : undefined} onClick={() => jump("tomorrow")}>Tomorrow</button>
				<button aria-current={day === after ? "date" : undefined} onClick={() => jump("after")}>{after}</button>
			</div>
			<div class={`${css.group} ${css.zoom}`} role="group" aria-label="Time in view">
				<button class={css.step} onClick={() => setZoom(zoom - 1)} disabled={zoom === 0} aria-label="See less time, closer">
					<Icon name="zoom-in" />
				</button>
				{ZOOMS.map((level, i) => (
					<button key={level.word} aria-pressed={i === zoom} onClick={() => setZoom(i)}>
						{level.word}
					</button>
				))}
				<button class={css.step} onClick={() => setZoom(zoom + 1)} disabled={zoom === ZOOMS.length - 1} aria-label="See more time">
					<Icon name="zoom-out" />
				</button>
			</div>
		</div>
	);
}
