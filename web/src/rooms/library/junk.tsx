/* junk.tsx - what lies about that nobody would miss, and what nobody knows: two long lists of files, each with the reason.
 * Junk goes to the trash when a person says so, and comes back by "Undo". */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Job } from "../../api.ts";
import { applyJunk, getJunk, getUnknown, type Junk as JunkFile, type JunkPage } from "../../api_library.ts";
import { now } from "../../clock.ts";
import { usePaged, type Paged } from "../../lib/paged.ts";
import { useVirtual, type Virtual } from "../../lib/virtual.ts";
import { clockWord, countWord, dayWord, many, sizeWord } from "../../lib/words.ts";
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

/** What the station's reasons mean to a person; a name like one of these patterns by its kind. */
const REASONS: Record<string, string> = { sample: "a sample", "empty folder": "an empty folder" };
const NAMES: [pattern: RegExp, word: string][] = [
	[/\.(part|partial|crdownload|download|!ut|!qb|aria2|bc!)$/, "a download not finished"],
	[/\.(r\[0-9\]\[0-9\]|s\[0-9\]\[0-9\]|rar|par2|sfv|nzb|torrent)$/, "left over from a download"],
	[/^(thumbs\.db|ehthumbs\.db|desktop\.ini|\.ds_store|\._\*)$/, "left behind by a system"],
	[/\.(url|lnk|website)$/, "a link to somewhere"],
	[/\.(tmp|temp|bak)$|~$/, "left behind by a program"],
];

function reasonWord(reason: string): string {
	const glob = /^name like (.+)$/.exec(reason)?.[1];
	return REASONS[reason] ?? (glob && NAMES.find(([pattern]) => pattern.test(glob))?.[1]) ?? reason.replaceAll("_", " ");
}

/** A list as the station found it, and when; looked for again when a person says so. */
function useLooked(fetch: (offset: number, again: boolean, signal: AbortSignal) => Promise<JunkPage>) {
	const fresh = useRef(false);
	const [at, setAt] = useState(0);
	const answer = usePaged(async (offset, signal) => {
		const again = fresh.current;
		fresh.current = false;
		const page = await fetch(offset, again, signal);
		setAt(page.looked_at ? Date.parse(page.looked_at) : 0);
		return page;
	}, [libraryEdition.value]);
	const look = () => {
		fresh.current = true;
		answer.again();
	};
	return { answer, at, look };
}

function LookedAt({ at, busy, look }: { at: number; busy: boolean; look: () => void }) {
	if (!at) return null;
	return (
		<p class={css.lead}>
			<span role="status">{busy ? "Looking." : `As of ${dayWord(at, now.value)} ${clockWord(at)}.`}</span> <button class={`${ui.plain} ${ui.small}`} disabled={busy} onClick={look}>Look again</button>
		</p>
	);
}

export function Junk() {
	const { answer, at, look } = useLooked(getJunk);
	const [chosen, choose] = useState(new Set<number>());
	const [busy, setBusy] = useState(false);
	const [job, setJob] = useState<Job | null>(null);
	const list = answer.value?.items ?? [];
	const ids = list.filter((file) => chosen.has(file.id));
	const toggle = (id: number) => choose((before) => { const next = new Set(before); if (!next.delete(id)) next.add(id); return next; });
	const apply = async () => {
		setBusy(true);
		let batch: number | null = null;
		try {
			const wish = ids.map((file) => file.id);
			const sum = await applyJunk(wish, true);
			if (await ask(`Put ${many(sum.files, "file")} aside?`, `${sizeWord(sum.bytes)}. They lie in the trash, and “Undo” brings them back.`, "Put them aside")) {
				const done = await applyJunk(wish, false);
				batch = done.batch;
				await finished(done.job, setJob);
				choose(new Set());
				tell(`${many(done.files, "file")} put aside.${await left(done.batch)}`, done.batch ? () => takeBack(done.batch!) : undefined);
			}
		} catch (cause) {
			endedBadly(cause, batch);
		}
		setBusy(false);
	};
	return (
		<div class={css.tall}>
			<Head title="Library">{answer.value ? answer.value.total ? many(answer.value.total, "file") : "Nothing here" : ""}</Head>
			<Tabs here="/library/junk" />
			<p class={css.lead}>Samples, leftovers of programs, empty folders: what lies beside your films and is none. Nothing goes unless you choose it.</p>
			<LookedAt at={at} busy={answer.asking} look={look} />
			{list.length > 0 && (
				<div class={css.tools}>
					<button class={ui.plain} onClick={() => choose(ids.length === list.length ? new Set() : new Set(list.map((file) => file.id)))}>{ids.length === list.length ? "None" : answer.partial ? `The first ${countWord(list.length)}` : `All ${countWord(list.length)}`}</button>
				</div>
			)}
			{!answer.value && <p class={css.none}>{answer.absent ? "This station does not look for junk yet." : answer.trouble || "Looking."}</p>}
			{answer.value && list.length === 0 && <p class={css.none}><NoFolder>No junk. All is tidy.</NoFolder></p>}
			{list.length > 0 && <Files id="junk" answer={answer} list={list} chosen={chosen} toggle={toggle} />}
			{job && <div class={css.bar} data-foot=""><Working job={job} text="They are put aside." /></div>}
			{!job && ids.length > 0 && (
				<div class={css.bar} data-foot="" role="status">
					<span>{many(ids.length, "file")} chosen, {sizeWord(ids.reduce((n, file) => n + file.size, 0))}</span>
					<button class={ui.main} disabled={busy} onClick={apply}>Put them aside</button>
				</div>
			)}
		</div>
	);
}

interface FilesProps {
	id: string;
	answer: Paged<JunkFile>;
	list: JunkFile[];
	chosen: Set<number>;
	toggle: (id: number) => void;
}

/** Asks for more when the last lines that are here are drawn. */
function useMore(virtual: Virtual, answer: Paged<JunkFile>): void {
	const last = virtual.rows.at(-1)?.index ?? 0;
	const near = answer.partial && last > answer.value!.items.length - 40;
	useEffect(() => {
		if (near) answer.more();
	}, [near, answer.value]);
}

function Files({ id, answer, list, chosen, toggle }: FilesProps) {
	const virtual = useVirtual(id, list.length, 3.5);
	useMore(virtual, answer);
	return (
		<div ref={virtual.box} class={css.list} role="list" aria-label="Junk" onScroll={virtual.onScroll}>
			<div class={css.sheet} style={{ height: `${virtual.height}px` }}>
				{virtual.rows.map((row) => {
					const file = list[row.index]!;
					const [name, folder] = cut(file.path);
					return (
						<div key={file.id} class={css.line} role="listitem" aria-setsize={answer.value!.total} aria-posinset={row.index + 1} style={{ transform: `translateY(${row.start}px)`, height: `${row.size}px` }} onClick={(event) => event.target instanceof HTMLInputElement || toggle(file.id)}>
							<input class={ui.tick} type="checkbox" checked={chosen.has(file.id)} aria-label={`Choose ${file.path}`} onChange={() => toggle(file.id)} />
							<span class={css.path}><span class={css.name}>{name}</span><span class={css.folder}>{folder}</span></span>
							<span class={css.side}>{reasonWord(file.reason)}<br />{file.folder ? "" : sizeWord(file.size)}</span>
						</div>
					);
				})}
			</div>
		</div>
	);
}

function cut(path: string): [name: string, folder: string] {
	const parts = path.replace(/\/$/, "").split("/");
	return [parts.pop() ?? path, parts.join("/")];
}

export function Unknown() {
	const { answer, at, look } = useLooked(getUnknown);
	const list = answer.value?.items ?? [];
	return (
		<div class={css.tall}>
			<Head title="Library">{answer.value ? answer.value.total ? many(answer.value.total, "file") : "Nothing here" : ""}</Head>
			<Tabs here="/library/unknown" />
			<p class={css.lead}>Files in your folders that are no films, belong to none, and are no junk by any rule. They stay as they are.</p>
			<LookedAt at={at} busy={answer.asking} look={look} />
			{!answer.value && <p class={css.none}>{answer.absent ? "This station does not list what it does not know yet." : answer.trouble || "Looking."}</p>}
			{answer.value && list.length === 0 && <p class={css.none}><NoFolder>Every file is known.</NoFolder></p>}
			{list.length > 0 && <Strangers answer={answer} list={list} />}
		</div>
	);
}

function Strangers({ answer, list }: { answer: Paged<JunkFile>; list: JunkFile[] }) {
	const virtual = useVirtual("unknown", list.length, 3.5);
	useMore(virtual, answer);
	return (
		<div ref={virtual.box} class={css.list} role="list" tabIndex={0} aria-label="Unknown files" onScroll={virtual.onScroll}>
			<div class={css.sheet} style={{ height: `${virtual.height}px` }}>
				{virtual.rows.map((row) => {
					const file = list[row.index]!;
					const [name, folder] = cut(file.path);
					return (
						<div key={file.id} class={css.line} role="listitem" aria-setsize={answer.value!.total} aria-posinset={row.index + 1} style={{ transform: `translateY(${row.start}px)`, height: `${row.size}px` }}>
							<span class={css.path}><span class={css.name}>{name}</span><span class={css.folder}>{folder}</span></span>
							<span class={css.side}>{file.reason && file.reason !== "no rule knows it" ? <>{reasonWord(file.reason)}<br /></> : ""}{file.size ? sizeWord(file.size) : ""}</span>
						</div>
					);
				})}
			</div>
		</div>
	);
}
