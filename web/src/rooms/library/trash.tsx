/* trash.tsx - what was put aside and lies in the trash, by the batch that put it there, the newest first: a batch comes
 * back where it was, or all of it is deleted for good, after a question. */
import { useMemo, useState } from "preact/hooks";
import { getJob, type Job } from "../../api.ts";
import { emptyTrash, getBatches, getTrash, type Trashed } from "../../api_library.ts";
import { now } from "../../clock.ts";
import { useAnswer } from "../../lib/ask.ts";
import { useVirtual } from "../../lib/virtual.ts";
import { clockWord, dayWord, many, sizeWord } from "../../lib/words.ts";
import { jobsEdition, libraryEdition } from "../../station.ts";
import { ask } from "../../ui/ask.tsx";
import ui from "../../ui/controls.module.css";
import { Head } from "../../ui/head.tsx";
import { complain, tell } from "../../ui/toast.tsx";
import { batchWord, finished, left, takeBack } from "./batch.ts";
import { Tabs } from "./tabs.tsx";
import { Working } from "./working.tsx";
import css from "./shelf.module.css";

const DAY = 86_400_000;
const AGES: [days: number, word: string][] = [[0, "All of it"], [7, "Older than a week"], [30, "Older than a month"]];
const sum = (files: Trashed[]) => files.reduce((n, file) => n + file.size, 0);

type Line = { batch: number; at: number; files: number; bytes: number } | Trashed;

/** Every batch as a line, its files below it. Pure. */
function linesOf(files: Trashed[]): Line[] {
	const batches = new Map<number, Trashed[]>();
	for (const file of files) (batches.get(file.batch) ?? batches.set(file.batch, []).get(file.batch)!).push(file);
	return [...batches].sort(([a], [b]) => b - a).flatMap(([batch, own]) => [{ batch, at: Date.parse(own[0]!.at), files: own.length, bytes: sum(own) }, ...own]);
}

export function Trash() {
	const answer = useAnswer(getTrash, [libraryEdition.value, jobsEdition.value]);
	const [days, setDays] = useState(0);
	const [busy, setBusy] = useState(false);
	const [job, setJob] = useState<Job | null>(null);
	const list = answer.value?.items ?? [];
	const due = days ? list.filter((file) => Date.parse(file.at) < now.value - days * DAY) : list;
	const act = async (doing: () => Promise<void>) => {
		setBusy(true);
		await doing().catch(complain);
		setBusy(false);
		answer.again();
	};
	const empty = () => act(async () => {
		if (!(await ask(`Delete ${many(due.length, "file")}?`, `${sizeWord(sum(due))}. They are gone for good; nothing brings them back.`, "Delete for good"))) return;
		const { job } = await emptyTrash(days * DAY);
		await finished(job, setJob);
		const result = (await getJob(job)).result;
		tell(`${many(Number(result?.files ?? 0), "file")} deleted, ${sizeWord(Number(result?.bytes ?? 0))}.${Number(result?.failed) ? ` ${result!.failed} stayed: the disk did not let them go.` : ""}`);
	});
	const back = (batch: number) => act(async () => {
		const undo = await takeBack(batch);
		tell(`Back where they were.${await left(undo)}`);
	});
	return (
		<div class={css.tall}>
			<Head title="Library">{answer.value && (list.length ? `${many(list.length, "file")}, ${sizeWord(answer.value.bytes)}` : "Nothing in it")}</Head>
			<Tabs here="/library/trash" />
			<p class={css.lead}>What you put aside. It takes up room on its disk until you empty the trash; until then all of it can come back.</p>
			{!answer.value && <p class={css.none}>{answer.absent ? "This station keeps no trash yet." : answer.trouble || "Looking."}</p>}
			{answer.value && list.length === 0 && <p class={css.none}>The trash is empty.</p>}
			{list.length > 0 && <Lines list={list} busy={busy} back={back} />}
			{job && <div class={css.bar}><Working job={job} text="They are deleted." /></div>}
			{!job && list.length > 0 && (
				<div class={css.bar} data-foot="">
					<select class={css.age} aria-label="What goes" value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
						{AGES.map(([value, word]) => <option key={value} value={value}>{word}</option>)}
					</select>
					<span role="status">{due.length ? `${many(due.length, "file")}, ${sizeWord(sum(due))}` : "Nothing is that old."}</span>
					<button class={ui.danger} disabled={busy || due.length === 0} onClick={empty}>Empty the trash</button>
				</div>
			)}
		</div>
	);
}

function Lines({ list, busy, back }: { list: Trashed[]; busy: boolean; back: (batch: number) => void }) {
	const lines = useMemo(() => linesOf(list), [list]);
	const batches = useAnswer(getBatches, [list]);
	const virtual = useVirtual("trash", lines.length, 3.5);
	const t = now.value;
	return (
		<div ref={virtual.box} class={css.list} role="list" aria-label="The trash" onScroll={virtual.onScroll}>
			<div class={css.sheet} style={{ height: `${virtual.height}px` }}>
				{virtual.rows.map((row) => {
					const line = lines[row.index]!;
					const place = { role: "listitem" as const, "aria-setsize": lines.length, "aria-posinset": row.index + 1, style: { transform: `translateY(${row.start}px)`, height: `${row.size}px` } };
					if ("files" in line) {
						const kind = batches.value?.items.find((one) => one.id === line.batch)?.kind;
						const when = `${dayWord(line.at, t)} ${clockWord(line.at)}`;
						return (
							<div key={`b${line.batch}`} class={`${css.line} ${css.lot}`} {...place}>
								<span class={css.path}><span class={css.name}>{kind ? batchWord(kind) : "Put aside"}, {when}</span><span class={css.folder}>{many(line.files, "file")}, {sizeWord(line.bytes)}</span></span>
								<button class={`${ui.plain} ${ui.small}`} disabled={busy} aria-label={`Bring back: ${many(line.files, "file")}, ${when}`} onClick={() => back(line.batch)}>Bring back</button>
							</div>
						);
					}
					const cut = line.path.lastIndexOf("/");
					return (
						<div key={line.trash} class={css.line} title={line.trash} {...place}>
							<span class={css.path}><span class={css.name}>{line.path.slice(cut + 1)}</span><span class={css.folder}>{line.path.slice(0, cut)}</span></span>
							<span class={css.side}>{line.size ? sizeWord(line.size) : ""}</span>
						</div>
					);
				})}
			</div>
		</div>
	);
}
