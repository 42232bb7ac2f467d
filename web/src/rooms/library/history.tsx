/* history.tsx - what was changed on a title, when, and what it was before. */
import { getHistory, type Change } from "../../api_library.ts";
import { now } from "../../clock.ts";
import { useAnswer } from "../../lib/ask.ts";
import { clockWord, dayWord } from "../../lib/words.ts";
import { libraryEdition } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { fieldWord } from "./fields.tsx";
import css from "./history.module.css";

function say(value: unknown): string {
	if (value === null || value === undefined || value === "") return "nothing";
	if (Array.isArray(value)) return value.length ? value.map(say).join(", ") : "nothing";
	if (typeof value === "object") return Object.entries(value).map(([name, v]) => `${fieldWord(name).toLowerCase()} ${say(v)}`).join(", ") || "nothing";
	return String(value);
}

const HOW: Record<string, string> = { edit: "by hand", bulk: "with others", undo: "taken back", add: "made by hand", scan: "by the station" };

/** Field by field: Year 1924 → 1925 */
function lines(change: Change): [field: string, before: unknown, after: unknown][] {
	const { before, after } = change;
	if (before && after && typeof before === "object" && typeof after === "object" && !Array.isArray(before))
		return [...new Set([...Object.keys(before), ...Object.keys(after)])].map((field) => [field, (before as Record<string, unknown>)[field], (after as Record<string, unknown>)[field]]);
	return [[change.what, before, after]];
}

export function History({ id }: { id: number }) {
	const history = useAnswer((signal) => getHistory(id, signal), [id, libraryEdition.value]);
	const list = history.value?.items ?? [];
	if (history.absent || list.length === 0) return null;
	return (
		<section aria-label="History">
			<h2 class={ui.title}>History</h2>
			<ol class={css.history}>
				{list.slice(0, 40).map((change: Change, i) => {
					const at = Date.parse(change.at);
					return (
						<li key={`${change.at}${i}`}>
							<time>{dayWord(at, now.value)} {clockWord(at)}</time>
							<ul>
								{lines(change).map(([field, before, after]) => <li key={field}><b>{fieldWord(field)}</b> {say(before)} → {say(after)}</li>)}
								{HOW[change.what] && change.what !== "edit" && <li class={css.how}>{HOW[change.what]}</li>}
							</ul>
						</li>
					);
				})}
			</ol>
		</section>
	);
}
