/* form.tsx - the fields of a channel. What they mean for the schedule: docs/station.md. */
import type { ComponentChildren } from "preact";
import { getItems, getRoots, type Channel, type Prepare, type Rules } from "../../api.ts";
import { useAnswer } from "../../lib/ask.ts";
import { kindWord } from "../../lib/words.ts";
import { status } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { FilterBox } from "../../ui/filterbox.tsx";
import { GRIDS, ORDERS, PREPARES, STARTS, startRules } from "./rules.ts";
import css from "./station.module.css";

export interface Draft {
	id: number | null;
	number: number;
	name: string;
	description: string;
	hue: number;
	enabled: boolean;
	profile: string;
	prepare: Prepare;
	schedule: Rules;
}

interface Props {
	draft: Draft;
	change: (draft: Draft) => void;
	/** What is wrong with the filter. */
	fault: string;
	/** The channel that has the number already. */
	taken: Channel | null;
	fresh: boolean;
}

const PROFILES: [string, string][] = [
	["480p", "480p"],
	["720p", "720p"],
	["1080p", "1080p"],
	["source", "source: H.264 as the files have it, copied where that can be"],
	["source-hevc", "source-hevc: HEVC as the files have it, copied where that can be; not for this page"],
	["720p-hevc", "720p-hevc: fewer bits, more work; not for this page"],
	["1080p-hevc", "1080p-hevc: fewer bits, much more work; not for this page"],
];

/** A profile that the list does not have is offered too. */
function withProfile(profile: string): [string, string][] {
	return PROFILES.some(([name]) => name === profile) ? PROFILES : [[profile, profile], ...PROFILES];
}

export function Form({ draft, change, fault, taken, fresh }: Props) {
	const set = (part: Partial<Draft>) => change({ ...draft, ...part });
	const rules = draft.schedule;
	const setRules = (part: Partial<Rules>) => set({ schedule: { ...rules, ...part } });
	return (
		<>
			{fresh && (
				<fieldset class={ui.field}>
					<legend class={ui.name}>Begin with</legend>
					<div class={ui.choice}>
						{STARTS.map(([word, part]) => (
							<button key={word} type="button" aria-pressed={JSON.stringify(startRules(part)) === JSON.stringify(rules)} onClick={() => set({ schedule: startRules(part) })}>{word}</button>
						))}
					</div>
				</fieldset>
			)}
			<div class={css.who}>
				<label class={ui.field}>
					<span class={ui.name}>Number</span>
					<input type="number" min={1} max={99999} required value={draft.number} aria-invalid={Boolean(taken)} onInput={(event) => set({ number: event.currentTarget.valueAsNumber || 0 })} />
				</label>
				<label class={ui.field}>
					<span class={ui.name}>Name</span>
					<input type="text" maxLength={80} required autoFocus={fresh} placeholder="Saturday Serials" value={draft.name} onInput={(event) => set({ name: event.currentTarget.value })} />
				</label>
			</div>
			{taken && <p class={ui.wrong}>{draft.number} is {taken.name}. Choose another number.</p>}
			<What query={rules.query} set={(part) => setRules({ query: { ...rules.query, ...part } })} fault={fault} />
			<Radios name="Order" of={ORDERS} value={rules.order} set={(order) => setRules({ order })} />
			<div class={css.pair}>
				<Select name="Programmes start" value={String(rules.grid)} set={(grid) => setRules({ grid: Number(grid) })}>
					{GRIDS.some(([n]) => n === rules.grid) || <option value={rules.grid}>Every {rules.grid} minutes</option>}
					{GRIDS.map(([n, word]) => <option key={n} value={n}>{word}</option>)}
				</Select>
				<fieldset class={ui.field}>
					<legend class={ui.name}>Between programmes</legend>
					<Check word="Commercials in the breaks" on={rules.spots} set={(spots) => setRules({ spots })} />
					<Check word="Bumpers around the breaks" on={rules.bumpers} set={(bumpers) => setRules({ bumpers })} />
				</fieldset>
			</div>
			<details class={css.more}>
				<summary>Breaks, picture, colour and more</summary>
				<div>
					<More draft={draft} set={set} setRules={setRules} />
				</div>
			</details>
		</>
	);
}

function What({ query, set, fault }: { query: Rules["query"]; set: (part: Partial<Rules["query"]>) => void; fault: string }) {
	const kinds = Object.keys(status.value?.library.kinds ?? {}).filter((kind) => kind !== "season" && kind !== "show");
	const shows = useAnswer((signal) => getItems({ kind: "show", sort: "title", limit: 500, offset: 0 }, signal), []);
	const roots = useAnswer(getRoots, []);
	const folders = roots.value?.items ?? [];
	return (
		<>
			<fieldset class={ui.field}>
				<legend class={ui.name}>It plays</legend>
				<div class={ui.choice}>
					<button type="button" aria-pressed={query.kind === ""} onClick={() => set({ kind: "" })}>Everything</button>
					{kinds.map((kind) => (
						<button key={kind} type="button" aria-pressed={query.kind === kind} onClick={() => set({ kind, ...(kind !== "episode" && { show: "" }) })}>{kindWord(kind, true)}</button>
					))}
				</div>
			</fieldset>
			<div class={css.pair}>
				{(query.kind === "" || query.kind === "episode") && (shows.value?.total || query.show) ? (
					<Select name="Of the show" value={query.show} set={(show) => set({ show })}>
						<option value="">All shows</option>
						{query.show && !shows.value?.items.some((item) => item.title === query.show) && <option value={query.show}>{query.show}</option>}
						{shows.value?.items.map((item) => <option key={item.id} value={item.title}>{item.title}</option>)}
					</Select>
				) : null}
				{folders.length > 1 || query.root ? (
					<Select name="In the folder" value={query.root} set={(root) => set({ root })}>
						<option value="">All folders</option>
						{query.root && !folders.some((root) => root.path === query.root) && <option value={query.root}>{query.root}</option>}
						{folders.map((root) => <option key={root.id} value={root.path}>{root.path}</option>)}
					</Select>
				) : null}
			</div>
			<FilterBox id="channel-filter" label="Only what matches" placeholder="year:1950..1969 -tag:war height:>=720" text={query.search} change={(search) => set({ search })} trouble={fault} />
		</>
	);
}

function More({ draft, set, setRules }: { draft: Draft; set: (part: Partial<Draft>) => void; setRules: (part: Partial<Rules>) => void }) {
	const rules = draft.schedule;
	const minutes = (word: string, hint: string, value: number, max: number, to: (seconds: number) => void) => (
		<label class={ui.field}>
			<span class={ui.name}>{word}</span>
			<input type="number" min={0} max={max} step="any" value={value ? Math.round(value / 0.6) / 100 : ""} placeholder="as it comes" onInput={(event) => to(Math.round((event.currentTarget.valueAsNumber || 0) * 60))} />
			<span class={ui.hint}>{hint}</span>
		</label>
	);
	return (
		<>
			<div class={css.pair}>
				{minutes("A break every … minutes", "Empty: at break points of the title, and only there", rules.break_every, 1440, (break_every) => setRules({ break_every }))}
				{minutes("A break lasts at most … minutes", "Empty: a tenth of the programme, 30 s to 3 min", rules.break_length, 60, (break_length) => setRules({ break_length }))}
			</div>
			{rules.order === "loop" && (
				<label class={ui.field}>
					<span class={ui.name}>Rounds</span>
					<input type="number" min={0} max={1000000} placeholder="for ever" value={rules.loops || ""} onInput={(event) => setRules({ loops: event.currentTarget.valueAsNumber || 0 })} />
				</label>
			)}
			<div class={css.pair}>
				<Select name="Picture" value={draft.profile} set={(profile) => set({ profile })}>
					{withProfile(draft.profile).map(([name, words]) => <option key={name} value={name}>{words}</option>)}
				</Select>
				<Select name="Made ahead" value={draft.prepare} set={(prepare) => set({ prepare: prepare as Prepare })}>
					{PREPARES.map(([value, word, hint]) => <option key={value} value={value}>{word}: {hint.charAt(0).toLowerCase() + hint.slice(1)}</option>)}
				</Select>
			</div>
			<label class={ui.field}>
				<span class={ui.name}>About it</span>
				<input type="text" maxLength={400} placeholder="A line that the guide shows" value={draft.description} onInput={(event) => set({ description: event.currentTarget.value })} />
			</label>
			<label class={ui.field}>
				<span class={ui.name}>Colour</span>
				<span class={`hue ${css.colour}`} style={{ "--hue": String(draft.hue) }}>
					<b class={css.sign}>{draft.number || ""}</b>
					<input type="range" min={0} max={359} value={draft.hue} onInput={(event) => set({ hue: event.currentTarget.valueAsNumber })} />
				</span>
			</label>
			<Check word="On the air" on={draft.enabled} set={(enabled) => set({ enabled })} />
		</>
	);
}

function Radios<T extends string>({ name, of, value, set }: { name: string; of: [T, string, string][]; value: T; set: (value: T) => void }) {
	return (
		<fieldset class={ui.field}>
			<legend class={ui.name}>{name}</legend>
			<div class={ui.choice}>
				{of.map(([v, word]) => (
					<label key={v}>
						<input type="radio" name={name} checked={value === v} onChange={() => set(v)} />
						{word}
					</label>
				))}
			</div>
			<span class={ui.hint}>{of.find(([v]) => v === value)?.[2]}.</span>
		</fieldset>
	);
}

function Select({ name, value, set, children }: { name: string; value: string; set: (value: string) => void; children: ComponentChildren }) {
	return (
		<label class={ui.field}>
			<span class={ui.name}>{name}</span>
			<select value={value} onChange={(event) => set(event.currentTarget.value)}>{children}</select>
		</label>
	);
}

function Check({ word, on, set }: { word: string; on: boolean; set: (on: boolean) => void }) {
	return (
		<label class={ui.check}>
			<input type="checkbox" checked={on} onChange={(event) => set(event.currentTarget.checked)} />
			<span>{word}</span>
		</label>
	);
}
