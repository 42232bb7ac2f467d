/* bar.tsx - progress that moves by itself: from two known instants and the station's clock. */
import { now } from "../clock.ts";
import css from "./bar.module.css";

export function Bar({ start, end, thin }: { start: string | number; end: string | number; thin?: boolean }) {
	const from = typeof start === "number" ? start : Date.parse(start);
	const to = typeof end === "number" ? end : Date.parse(end);
	const part = to > from ? Math.min(1, Math.max(0, (now.value - from) / (to - from))) : 0;
	return <Meter part={part} {...(thin && { thin })} />;
}

export function Meter({ part, thin }: { part: number; thin?: boolean }) {
	return (
		<div class={`${css.bar} ${thin ? css.thin : ""}`} aria-hidden="true">
			<div class={css.done} style={{ transform: `scaleX(${part.toFixed(4)})` }} />
		</div>
	);
}
