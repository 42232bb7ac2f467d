/* log.tsx - what happened, in the log's own words, the newest first; all of it or only what went wrong. */
import { useState } from "preact/hooks";
import ui from "../../ui/controls.module.css";
import css from "./activity.module.css";

interface Said {
	time: string;
	text: string;
	bad: boolean;
}

/* 2026-11-21 05:39:18.724 INFO    server: what it says */
function read(line: string): Said {
	const cut = /^\d{4}-\d\d-\d\d[T ](\d\d:\d\d:\d\d)\S*\s+(?:(DEBUG|INFO|WARNING|ERROR|CRITICAL)\s+)?(.*)$/s.exec(line);
	const text = cut ? cut[3]! : line;
	return { time: cut ? cut[1]! : "", text, bad: cut?.[2] ? !/DEBUG|INFO/.test(cut[2]) : /^(warning|error)\b/i.test(text) };
}

export function Log({ lines }: { lines: string[] }) {
	const [only, setOnly] = useState(false);
	const said = lines.map(read).toReversed();
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
					<li key={`${entry.time}${entry.text}${i}`} class={entry.bad ? css.bad : ""}>
						<time class="mono">{entry.time}</time>
						<span>{entry.bad && <b>! </b>}{entry.text}</span>
					</li>
				))}
			</ol>
			{shown.length === 0 && <p class={css.dim}>{only ? "Nothing went wrong, as far back as the log goes." : "Nothing noted yet."}</p>}
		</section>
	);
}
