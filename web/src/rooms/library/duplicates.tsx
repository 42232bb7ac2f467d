/* duplicates.tsx - the same thing more than once: groups with what proves it, which copy stays and why. Nothing is deleted:
 * what goes lies in the trash until it is taken back or the trash is emptied. */
import { useEffect, useState } from "preact/hooks";
import type { Job } from "../../api.ts";
import { applyDuplicates, getDuplicates, type Copy, type Group } from "../../api_library.ts";
import { useAnswer } from "../../lib/ask.ts";
import { usePaged } from "../../lib/paged.ts";
import { codecWord, many, sizeWord } from "../../lib/words.ts";
import { libraryEdition } from "../../station.ts";
import { ask } from "../../ui/ask.tsx";
import ui from "../../ui/controls.module.css";
import { Head } from "../../ui/head.tsx";
import { tell } from "../../ui/toast.tsx";
import { endedBadly, finished, left, takeBack } from "./batch.ts";
import { NoFolder } from "./nofolder.tsx";
import { Tabs } from "./tabs.tsx";
import { Working } from "./working.tsx";
import css from "./shelf.module.css";

const STEP = 50;

const KINDS: Record<Group["kind"], [word: string, means: string]> = {
	full: ["The same file", "every byte is alike"],
	sample: ["Most likely the same file", "alike at head, middle and tail; compared whole before anything goes"],
	essence: ["The same pictures and sound", "in another container or with other tags"],
	near: ["The same title", "in another encode: look before one goes"],
};

/** What differs or is alike, as far as the station says it in plain values. */
function evidenceWord(evidence: Group["evidence"]): string {
	if (!evidence) return "";
	if (typeof evidence === "string") return evidence;
	if (typeof evidence.text === "string") return evidence.text === "the same hash of all bytes" ? "" : evidence.text;
	return Object.entries(evidence).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value)).map(([name, value]) => `${name.replaceAll("_", " ")} ${typeof value === "string" && /^[0-9a-f]{16,}$/.test(value) ? value.slice(0, 12) : value === true ? "yes" : value === false ? "no" : value}`).join(" · ");
}

/** Why a copy stays, or why another does. */
const WHY: Record<string, string> = { "known for longest": "has been here longest", "shortest path": "has the shortest path", larger: "is larger", oldest: "is the oldest", newest: "is the newest", "more tracks": "has more languages" };

function whyWord(why: string): string {
	const other = /^the other: (.*)$/.exec(why)?.[1];
	const said = (other ?? why).split(", ").map((one) => WHY[one] ?? one).join(", ");
	return other === undefined ? said : `the one that stays ${WHY[other] ? said : `is better: ${said}`}`;
}

export function Duplicates() {
	const [kind, setKind] = useState<Group["kind"] | "">("");
	const [shown, setShown] = useState(STEP);
	/* What the person decided otherwise than proposed. */
	const [decided, decide] = useState<Map<Group["id"], boolean>>(new Map());
	const [kept, setKept] = useState<Map<number, boolean>>(new Map());
	const answer = usePaged(getDuplicates, [libraryEdition.value]);
	const all = answer.value?.items ?? [];
	const groups = kind ? all.filter((group) => group.kind === kind) : all;
	const keeps = (copy: Copy) => kept.get(copy.id) ?? copy.keep;
	const acts = (group: Group) => decided.get(group.id) ?? group.kind !== "near";
	const chosen = groups.filter((group) => acts(group) && group.files.some(keeps) && !group.files.every(keeps));
	const wish = chosen.map((group) => ({ id: group.id, keep: group.files.filter(keeps).map((copy) => copy.id) }));
	const kinds = (Object.keys(KINDS) as Group["kind"][]).filter((one) => all.some((group) => group.kind === one));
	const put = <K,>(map: Map<K, boolean>, key: K, value: boolean) => new Map(map).set(key, value);
	return (
		<div class={css.room} style={{ padding: 0 }}>
			<Head title="Library">{answer.value ? answer.value.total ? many(answer.value.total, "group") : "Nothing twice" : ""}</Head>
			<Tabs here="/library/duplicates" />
			<div class={css.room}>
				<p class={css.lead}>What you own more than once, the largest gain first. What you put aside goes to the trash and can be taken back.</p>
				{kinds.length > 1 && (
					<div class={`${ui.choice} ${css.tools}`} role="group" aria-label="Which">
						<button aria-pressed={kind === ""} onClick={() => setKind("")}>All</button>
						{kinds.map((one) => <button key={one} aria-pressed={kind === one} onClick={() => setKind(one)}>{KINDS[one][0]}</button>)}
					</div>
				)}
				{!answer.value && <p class={css.none}>{answer.absent ? "This station does not look for duplicates yet." : answer.trouble || "Comparing."}</p>}
				{answer.value && all.length === 0 && <p class={css.none}><NoFolder>Everything is there once.</NoFolder></p>}
				{groups.slice(0, shown).map((group) => (
					<One key={group.id} group={group} acts={acts(group)} keeps={keeps} act={(on) => decide(put(decided, group.id, on))} keep={(copy, on) => setKept(put(kept, copy.id, on))} />
				))}
				{groups.length > shown && <p><button class={ui.plain} onClick={() => setShown(shown + STEP)}>Show {Math.min(STEP, groups.length - shown)} more of {groups.length - shown}</button></p>}
				{groups.length <= shown && answer.partial && <p><button class={ui.plain} disabled={answer.asking} onClick={answer.more}>Look at more: {answer.value!.total - all.length} groups follow</button></p>}
				{all.length > 0 && <Sum wish={wish} again={answer.again} />}
			</div>
		</div>
	);
}

interface OneProps {
	group: Group;
	acts: boolean;
	keeps: (copy: Copy) => boolean;
	act: (on: boolean) => void;
	keep: (copy: Copy, on: boolean) => void;
}

function One({ group, acts, keeps, act, keep }: OneProps) {
	const [word, means] = KINDS[group.kind] ?? [group.kind, ""];
	const name = group.files[0]?.path.split("/").at(-1) ?? "";
	const stays = group.files.filter(keeps).length;
	return (
		<section class={css.group} aria-label={`${word}: ${name}`}>
			<div class={css.head}>
				<label class={ui.check}>
					<input type="checkbox" checked={acts} onChange={(event) => act(event.currentTarget.checked)} />
					<h2>{word}</h2>
				</label>
				<span>{evidenceWord(group.evidence) || means}</span>
				<span class={css.gain}>{group.reclaim_bytes > 0 ? sizeWord(group.reclaim_bytes) : "frees nothing"}</span>
			</div>
			<ul>
				{group.files.map((copy) => {
					const on = keeps(copy);
					return (
						<li key={copy.id} class={`${css.copy} ${acts && !on ? css.goes : ""}`}>
							<label class={css.state}>
								<input class={ui.tick} type="checkbox" checked={on} disabled={!acts || (on && stays === 1)} aria-label={`Keep ${copy.path}`} onChange={(event) => keep(copy, event.currentTarget.checked)} />
								{on ? "stays" : acts ? "goes" : "would go"}
							</label>
							<span>
								<code>{copy.path}</code>
								{copy.why && <span class={css.why}>{whyWord(copy.why)}</span>}
								{(copy.hard_links ?? 1) > 1 && <span class={css.why}>has {copy.hard_links} names on the disk; taking one away frees nothing</span>}
							</span>
							<span>{copy.resolution?.replace("x", " × ") ?? ""}</span>
							<span>{[copy.codecs?.split("/").map(codecWord).join(", "), copy.bit_rate ? `${(copy.bit_rate / 1e6).toFixed(1)} Mbit/s` : ""].filter(Boolean).join(", ")}</span>
							<span>{sizeWord(copy.size)}</span>
						</li>
					);
				})}
			</ul>
		</section>
	);
}

function Sum({ wish, again }: { wish: { id: Group["id"]; keep: number[] }[]; again: () => void }) {
	const key = JSON.stringify(wish);
	const [waited, setWaited] = useState(key);
	const [busy, setBusy] = useState(false);
	const [job, setJob] = useState<Job | null>(null);
	useEffect(() => {
		const timer = setTimeout(() => setWaited(key), 250);
		return () => clearTimeout(timer);
	}, [key]);
	const sum = useAnswer(async () => (wish.length ? await applyDuplicates(wish, true) : null), [waited]);
	const apply = async () => {
		if (!sum.value || !(await ask(`Put ${many(sum.value.files, "file")} aside?`, `${sizeWord(sum.value.bytes)} in ${many(wish.length, "group")}. Each is compared once more just before. They lie in the trash, and “Undo” brings them back.`, "Put them aside"))) return;
		setBusy(true);
		let batch: number | null = null;
		try {
			const done = await applyDuplicates(wish, false);
			batch = done.batch;
			await finished(done.job, setJob);
			tell(`${many(done.files, "file")} put aside, ${sizeWord(done.bytes)}.${await left(done.batch)}`, done.batch ? () => takeBack(done.batch!) : undefined);
		} catch (cause) {
			endedBadly(cause, batch);
		}
		setBusy(false);
		again();
	};
	if (busy) return <div class={css.bar} data-foot=""><Working job={job} text="Each is compared once more, and put aside." /></div>;
	return (
		<div class={css.bar} data-foot="" role="status">
			<span>{wish.length === 0 ? "Nothing is chosen to go." : sum.trouble ? sum.trouble : sum.value ? `${many(wish.length, "group")}: ${many(sum.value.files, "file")} would go, ${sizeWord(sum.value.bytes)}` : "Adding up."}</span>
			<button class={ui.main} disabled={!wish.length || !sum.value || sum.value.files === 0 || waited !== key} onClick={apply}>Put them aside</button>
		</div>
	);
}
