/* strip.tsx - the next hours of a channel as they will be sent: every hour one line, every clip a stretch of it, drawn by
 * its kind (colour and pattern both) and named; below, the hour that is chosen, clip by clip. */
import { useEffect, useState } from "preact/hooks";
import { getRows, type Row } from "../../api.ts";
import { now } from "../../clock.ts";
import { useAnswer } from "../../lib/ask.ts";
import { clockWord, dayWord, lengthWord, many, secondsWord } from "../../lib/words.ts";
import { guideEdition } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { ROW_KINDS, rowKind } from "./rules.ts";
import css from "./strip.module.css";

const HOUR = 3_600_000;
const HOURS = 6;

export function Strip({ id, hue }: { id: number; hue: number }) {
	const t = now.value;
	const first = Math.floor(t / HOUR) * HOUR;
	const rows = useAnswer((signal) => getRows(id, first, first + HOURS * HOUR, signal), [id, first, guideEdition.value]);
	const [chosen, choose] = useState(first);
	useEffect(() => choose(first), [first]);
	const items = rows.value?.items ?? [];
	const used = ROW_KINDS.filter(([kinds]) => items.some((row) => kinds.includes(row.kind)));
	const until = items.length ? Date.parse(items.at(-1)!.end) : 0;
	const hour = items.filter((row) => Date.parse(row.end) > Math.max(chosen, t - 60_000) && Date.parse(row.start) < chosen + HOUR);
	if (!rows.value) return <p class={ui.dim}>{rows.trouble || "Reading the log."}</p>;
	if (items.length === 0) return <p class={ui.dim}>Nothing is planned yet. The schedule is being made.</p>;
	return (
		<div class={`hue ${css.strip}`} style={{ "--hue": String(hue) }}>
			<ul class={css.legend} aria-label="Kinds">
				{used.map(([, word, shape, means]) => (
					<li key={word}><i class={css[shape]} /> <b>{word}</b> {means}</li>
				))}
			</ul>
			<ol class={css.hours}>
				{Array.from({ length: HOURS }, (_, i) => first + i * HOUR).filter((from) => from < until).map((from) => (
					<li key={from}>
						<button class={css.hour} aria-pressed={from === chosen} aria-label={`${dayWord(from, t)} ${clockWord(from)}: ${many(items.filter((row) => Date.parse(row.start) >= from && Date.parse(row.start) < from + HOUR).length, "clip")}`} onClick={() => choose(from)}>
							<time>{clockWord(from)}</time>
							<span class={css.line}>
								{items.map((row) => <Stretch key={row.start} row={row} from={from} />)}
								{t >= from && t < from + HOUR && <i class={css.now} style={{ left: `${((t - from) / HOUR) * 100}%` }} />}
							</span>
						</button>
					</li>
				))}
			</ol>
			<h3 class={css.sub}>{dayWord(chosen, t) === "today" ? "" : `${dayWord(chosen, t)} `}{clockWord(chosen)} to {clockWord(chosen + HOUR)}, clip by clip</h3>
			<ol class={css.rows} tabIndex={0} aria-label="Clips of the hour">
				{hour.map((row) => {
					const [, word, shape] = rowKind(row.kind);
					const live = Date.parse(row.start) <= t && Date.parse(row.end) > t;
					return (
						<li key={row.start} class={Date.parse(row.end) <= t ? css.past : live ? css.live : ""}>
							<time class="mono">{secondsWord(Date.parse(row.start))}</time>
							<span class={css.kind}><i class={css[shape]} /> {word}</span>
							{row.item_id ? <a href={`/library/${row.item_id}`}>{row.title || word}</a> : <span>{row.title || "The channel's name and clock"}</span>}
							<span class={css.length}>{live ? "on now" : lengthWord(row.duration_ms)}</span>
						</li>
					);
				})}
			</ol>
		</div>
	);
}

function Stretch({ row, from }: { row: Row; from: number }) {
	const start = Math.max(0, (Date.parse(row.start) - from) / HOUR);
	const end = Math.min(1, (Date.parse(row.end) - from) / HOUR);
	if (end <= 0 || start >= 1) return null;
	const [, word, shape] = rowKind(row.kind);
	return (
		<i class={`${css.stretch} ${css[shape]}`} style={{ left: `${start * 100}%`, width: `${(end - start) * 100}%` }} title={`${secondsWord(Date.parse(row.start))} ${word}: ${row.title}, ${lengthWord(row.duration_ms)}`}>
			{shape === "programme" && end - start > 0.06 && <span>{row.title}</span>}
		</i>
	);
}
