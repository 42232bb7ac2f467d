/* organise.tsx - names and folders put in order: which files, after which pattern; what would become of each as a tree,
 * with what stands in the way; done as a batch that can be undone. Not here: the tree (plan.tsx). */
import { useState } from "preact/hooks";
import { getRoots, type Job } from "../../api.ts";
import { applyOrganize, getBatches, previewOrganize, type Action, type Batch, type Plan } from "../../api_library.ts";
import { now } from "../../clock.ts";
import { useAnswer } from "../../lib/ask.ts";
import { clockWord, countWord, dayWord, many, sizeWord } from "../../lib/words.ts";
import { jobsEdition, libraryEdition } from "../../station.ts";
import { ask } from "../../ui/ask.tsx";
import ui from "../../ui/controls.module.css";
import { FilterBox } from "../../ui/filterbox.tsx";
import { FolderField } from "../../ui/folderfield.tsx";
import { Head } from "../../ui/head.tsx";
import { complain, tell } from "../../ui/toast.tsx";
import { batchWord, endedBadly, finished, left, takeBack } from "./batch.ts";
import { NoFolder } from "./nofolder.tsx";
import { PlanTree } from "./plan.tsx";
import { Tabs } from "./tabs.tsx";
import { Working } from "./working.tsx";
import css from "./shelf.module.css";

const PRESETS: [value: string, word: string][] = [["plex", "Plex"], ["jellyfin", "Jellyfin"], ["kodi", "Kodi"], ["perpetual", "Perpetual"], ["", "A pattern of my own"]];
const ACTIONS: [Action, string, string][] = [
	["move", "Move", "The file gets its new name and place."],
	["hardlink", "Link", "A second name for the same bytes; the old one stays."],
	["reflink", "Clone", "A copy that takes no room, where the disk can do it; the old one stays."],
	["copy", "Copy", "A second file; the old one stays."],
];

export function Organise() {
	const [preset, setPreset] = useState("plex");
	const [template, setTemplate] = useState("{show} - S{season:02d}E{episode:02d} - {title}{ext}");
	const [action, setAction] = useState<Action>("move");
	const [q, setQ] = useState(() => new URLSearchParams(location.search).get("q") ?? "");
	const [to, setTo] = useState("");
	const [plan, setPlan] = useState<Plan | null>(null);
	const [fault, setFault] = useState("");
	const [busy, setBusy] = useState("");
	const [job, setJob] = useState<Job | null>(null);
	const [applying, setApplying] = useState(false);
	const roots = useAnswer(getRoots, []);
	const folders = roots.value?.items ?? [];
	const stale = () => (setPlan(null), setFault(""));

	const preview = async (event: Event) => {
		event.preventDefault();
		setBusy("Working it out.");
		stale();
		try {
			setPlan(await previewOrganize({ ...(preset ? { preset } : { template }), action, ...(q.trim() && { q: q.trim() }), ...(to.trim() && { to: to.trim() }) }));
		} catch (cause) {
			setFault(cause instanceof Error ? cause.message : String(cause));
		}
		setBusy("");
	};
	const ready = plan?.counts.ok ?? plan?.moves.filter((move) => move.state === "ok").length ?? 0;
	const apply = async () => {
		if (!plan || !(await ask(`${ACTIONS.find(([a]) => a === action)![1]} ${many(ready, "file")}?`, "Subtitles, artwork and NFO files go along. Nothing is overwritten, and what is on the air stays where it is. The whole batch can be undone.", "Do it"))) return;
		setApplying(true);
		let batch: number | null = null;
		try {
			const done = await applyOrganize(plan.plan);
			batch = done.batch;
			await finished(done.job, setJob);
			tell(`In order.${await left(done.batch)}`, () => takeBack(done.batch!));
		} catch (cause) {
			endedBadly(cause, batch);
		}
		setPlan(null);
		setApplying(false);
	};
	return (
		<div class={css.room} style={{ padding: 0 }}>
			<Head title="Library">Names and folders</Head>
			<Tabs here="/library/organise" />
			<div class={css.room}>
				{roots.value && folders.length === 0 && <p class={css.none}><NoFolder>There is no folder yet.</NoFolder></p>}
				<form class={css.form} onSubmit={preview} onInput={stale}>
					<label class={ui.field}>
						<span class={ui.name}>Names as for</span>
						<select value={preset} onChange={(event) => setPreset(event.currentTarget.value)}>
							{PRESETS.map(([value, word]) => <option key={value} value={value}>{word}</option>)}
						</select>
						{preset === "perpetual" && <span class={ui.hint}>It files episodes only; films stay as they are.</span>}
					</label>
					<div class={css.wide}>
						<FolderField id="organise-to" label="Into the folder" hint="Empty: each stays in the folder of the library it lies in." placeholder="each stays in its own" value={to} set={(path) => (setTo(path), stale())} trouble={/^'to' must/.test(fault) ? "It must be a folder that is there, in one of the library's." : ""} within start={folders[0]?.path} />
					</div>
					<fieldset class={ui.field}>
						<legend class={ui.name}>How</legend>
						<div class={ui.choice}>
							{ACTIONS.map(([value, word]) => (
								<label key={value}><input type="radio" name="action" checked={action === value} onChange={() => setAction(value)} />{word}</label>
							))}
						</div>
						<span class={ui.hint}>{ACTIONS.find(([a]) => a === action)![2]}</span>
					</fieldset>
					{preset === "" && (
						<label class={`${ui.field} ${css.wide}`}>
							<span class={ui.name}>The pattern</span>
							<input class="mono" type="text" spellcheck={false} autoComplete="off" value={template} onInput={(event) => setTemplate(event.currentTarget.value)} />
							<span class={ui.hint}>Fields in braces: title, year, show, season, episode, episode_title, resolution, ext. <code>:02d</code> pads a number; a slash begins a folder.</span>
						</label>
					)}
					<div class={css.wide}>
						<FilterBox id="organise-filter" label="Which titles" placeholder="everything; or kind:movie year:..1970" text={q} change={(text) => (setQ(text), stale())} trouble={/at character/.test(fault) ? fault : ""} />
					</div>
					<div class={`${ui.acts} ${css.wide}`}>
						<button class={plan ? ui.plain : ui.main} disabled={Boolean(busy) || applying}>Show what would become of them</button>
						{busy && <span role="status">{busy}</span>}
					</div>
				</form>
				{fault && !/at character|^'to' must/.test(fault) && <p class={ui.wrong} role="alert">{fault}</p>}
				{plan && <PlanTree plan={plan} />}
				{plan && applying && <div class={css.bar} data-foot=""><Working job={job} text="Each file is looked at once more, and gets its place." /></div>}
				{plan && !applying && (
					<div class={css.bar} data-foot="" role="status">
						<span>{readyWord(plan, ready)}</span>
						<button class={ui.main} disabled={ready === 0} onClick={apply}>Do it</button>
					</div>
				)}
				<Batches />
			</div>
		</div>
	);
}

/** 3 files would change, 2 stay for now: something stands in the way */
function readyWord(plan: Plan, ready: number): string {
	const stuck = plan.moves.filter((move) => move.state === "conflict");
	const airing = stuck.length > 0 && stuck.every((move) => /on the air|playing|open/.test(move.why ?? ""));
	const held = stuck.length ? `${many(stuck.length, "file")} ${stuck.length === 1 ? "stays" : "stay"}: ${airing ? "on the air or in use, so try again later" : "the reason stands beside each"}` : "";
	if (ready) return [`${many(ready, "file")} would change`, held].filter(Boolean).join("; ");
	return held ? `Nothing can be done now. ${held}.` : plan.moves.length ? "Nothing to do: all of them are in order." : "Nothing to do: no title is filed by this pattern. Other names or other titles?";
}

const STATES: Record<string, string> = { done: "", undone: "taken back", running: "at work", failed: "stopped half way", stopped: "stopped half way", waiting: "waits for a disk", planned: "waits", emptied: "" };

function Batches() {
	const answer = useAnswer(getBatches, [libraryEdition.value, jobsEdition.value]);
	const t = now.value;
	const list = answer.value?.items ?? [];
	const undo = async (batch: Batch) => {
		if (!(await ask("Take this back?", `${many(batch.files, "file")} go back to where they were.`, "Take it back"))) return;
		try {
			await takeBack(batch.id);
			tell("Taken back.");
		} catch (cause) {
			complain(cause);
		}
		answer.again();
	};
	if (answer.absent || list.length === 0) return null;
	return (
		<section class={css.batches} aria-label="What was done">
			<h2 class={ui.title}>What was done</h2>
			<ul>
				{list.slice(0, 50).map((batch) => {
					const at = Date.parse(batch.at);
					return (
						<li key={batch.id}>
							<time>{dayWord(at, t)} {clockWord(at)}</time>
							<span>{[batchWord(batch.kind, batch.state), batch.state === "failed" && batch.files_done !== undefined ? `${countWord(batch.files_done)} of ${many(batch.files, "file")}` : many(batch.files, "file"), batch.bytes ? sizeWord(batch.bytes) : "", STATES[batch.state] ?? batch.state, batch.failed ? `${batch.failed} stayed` : "", batch.message === "it was stopped" ? "" : batch.message].filter(Boolean).join(" · ")}</span>
							{batch.undoable ? <button class={`${ui.plain} ${ui.small}`} aria-label={`Take it back: ${batchWord(batch.kind)}, ${dayWord(at, t)} ${clockWord(at)}`} onClick={() => undo(batch)}>Take it back</button> : <span />}
						</li>
					);
				})}
			</ul>
		</section>
	);
}
