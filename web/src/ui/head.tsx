/* head.tsx - the top of a room: its name, the station's clock, and whether the station answers. */
import type { ComponentChildren } from "preact";
import { now } from "../clock.ts";
import { dateWord, secondsWord } from "../lib/words.ts";
import { line } from "../station.ts";
import css from "./head.module.css";

export function Head({ title, children }: { title: string; children?: ComponentChildren }) {
	return (
		<header class={css.head}>
			<h1>{title}</h1>
			<div class={css.middle}>{children}</div>
			<Clock />
		</header>
	);
}

export function Clock() {
	const t = now.value;
	return (
		<div class={css.clock}>
			{line.value === "lost" && (
				<span class={css.lost} role="status">
					<i /> The station does not answer. Trying again.
				</span>
			)}
			{line.value !== "lost" && <span class={css.date}>{dateWord(t)}</span>}
			<time class={`mono ${css.time}`} dateTime={new Date(t).toISOString()}>
				{secondsWord(t)}
			</time>
		</div>
	);
}
