/* seeker.tsx - where in the programme the picture is: what was seen, what has been on the air since, and a touch goes
 * there. The arrow keys are the room's (watch.tsx). */
import { clockWord } from "../../lib/words.ts";
import css from "./seeker.module.css";

interface Props {
	start: number;
	end: number;
	/** The instant in view, and the one on the air. */
	seen: number;
	live: number;
	go: (instant: number) => void;
}

export function Seeker({ start, end, seen, live, go }: Props) {
	const part = (t: number) => (end > start ? Math.min(1, Math.max(0, (t - start) / (end - start))) : 0);
	return (
		<div
			class={css.seeker}
			role="slider"
			tabIndex={0}
			aria-label="Place in the programme"
			aria-valuemin={0}
			aria-valuemax={100}
			aria-valuenow={Math.round(part(seen) * 100)}
			aria-valuetext={clockWord(seen)}
			onClick={(event) => {
				const box = event.currentTarget.getBoundingClientRect();
				go(start + ((event.clientX - box.left) / box.width) * (end - start));
			}}
		>
			<div class={css.track}>
				<div class={css.aired} style={{ transform: `scaleX(${part(live).toFixed(4)})` }} />
				<div class={css.done} style={{ transform: `scaleX(${part(seen).toFixed(4)})` }} />
			</div>
			{live - seen > 15_000 && <i class={css.place} style={{ left: `${(part(seen) * 100).toFixed(2)}%` }} />}
		</div>
	);
}
