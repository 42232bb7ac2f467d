/* log.tsx - what happened, in the log's own words, the newest first; all of it or only what went wrong. */
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { now } from "../../clock.ts";
import { dateWord, dayStart, secondsWord, spoken } from "../../lib/words.ts";
import ui from "../../ui/controls.module.css";
import css from "./activity.module.css";

interface Said {
	time: string;
	/** The beginning of its day, or 0. */
	day: number;
	text: string;
	bad: boolean;
}

/* 2026-11-21 05:39:18.724 INFO    server: what it says; by the clock of the station's house */
function read(line: string, offset: number | undefined): Said {
	const cut = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)\S*\s+(?:(DEBUG|INFO|WARNING|ERROR|CRITICAL)\s+)?(.*)$/s.exec(line);
	const text = cut ? cut[4]! : line;
	const at = cut && offset !== undefined ? Date.parse(`${cut[1]}T${cut[2]}Z`) - offset * 1000 : NaN;
	return { time: !cut ? "" : Number.isNaN(at) ? cut[2]! : secondsWord(at), day: Number.isNaN(at) ? 0 : dayStart(at), text: spoken(text, now.value), bad: cut?.[3] ? !/DEBUG|INFO/.test(cut[3]) : /^(warning|error)\b/i.test(text) };
}

export function Log({ lines, offset }: { lines: string[]; offset: number | undefined }) {
	const [only, setOnly] = useState(false);
	const said = lines.map((line) => read(line, offset)).toReversed();
	const bad = said.filter((entry) => entry.bad);
	const shown = only ? bad : said;
	return (
		<section class={css.log}>
			<div class={css.logHead}>
				<h2>What happened</h2>
				<div class={ui.choice} role="group" aria-label="Which lines">
					<button aria-pressed={!only} onClick={() => setOnly(false)}>Everything</button>
					<button aria-pressed={only} onClick={() => setOnly(true)}>What went wrong{bad.length > 0 && ` (${bad.length})`}</button>
				</div>
			</div>
			<ol tabIndex={0} aria-label="The log, the newest first">
				{shown.map((entry, i) => (
					<Fragment key={`${entry.time}${entry.text}${i}`}>
						{entry.day > 0 && entry.day !== (shown[i - 1]?.day ?? dayStart(now.value)) && <li class={css.day}>{dateWord(entry.day)}</li>}
						<li class={entry.bad ? css.bad : ""}>
							<time class="mono">{entry.time}</time>
							<span>{entry.bad && <b>! </b>}{entry.text}</span>
						</li>
					</Fragment>
				))}
			</ol>
			{shown.length === 0 && <p class={css.dim}>{only ? "Nothing went wrong, as far back as the log goes." : "Nothing noted yet."}</p>}
		</section>
	);
}
