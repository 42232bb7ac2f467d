/* soon.tsx - what comes next, said over the picture shortly before it does. */
import type { Programme } from "../../api.ts";
import { subline } from "../../lib/programme.ts";
import css from "./soon.module.css";

const FROM = 30_000;
const UNTIL = 18_000;

export function Soon({ next, left }: { next: Programme; left: number }) {
	if (left > FROM || left < UNTIL) return null;
	return (
		<div class={css.soon} role="status">
			<span class={css.over}>Next, in half a minute</span>
			<span class={css.title} dir="auto">{next.title}</span>
			<span class={css.sub} dir="auto">{subline(next)}</span>
		</div>
	);
}
