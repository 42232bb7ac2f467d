/* markers.tsx - break points and chapters of a title, to the frame: added where the picture stands, set by hand, taken
 * out, or found from black and silence and accepted one by one. They are rows of the station; the file stays as it is. */
import { useEffect, useState } from "preact/hooks";
import { getJob, type ItemDetail } from "../../api.ts";
import { addMarker, changeMarker, findMarkers, removeMarker, type Candidate, type MarkerWish } from "../../api_library.ts";
import { frameAt, frameStart, readTimecode } from "../../lib/timecode.ts";
import { kindWord, many, timecode } from "../../lib/words.ts";
import { libraryEdition } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { Icon } from "../../ui/icon.tsx";
import { complain, tell } from "../../ui/toast.tsx";
import css from "./markers.module.css";

type Mark = ItemDetail["markers"][number];

const KINDS: [value: string, word: string][] = [["break", "Break"], ["chapter", "Chapter"], ["intro", "Intro"], ["credits", "Credits"]];
const SOURCES: Record<string, string> = { chapter: "from the file's chapters", black: "from black", manual: "by hand" };
export const markWord = (kind: string) => KINDS.find(([value]) => value === kind)?.[1] ?? kindWord(kind);

interface Props {
	item: ItemDetail;
	fps: number | null;
	/** Where the picture stands, in ms; null without one. */
	playhead: () => number | null;
	show: (ms: number) => void;
}

const changed = () => void libraryEdition.value++;

export function Markers({ item, fps, playhead, show }: Props) {
	const [kind, setKind] = useState("break");
	const [at, setAt] = useState("");
	const [found, setFound] = useState<Candidate[] | null>(null);
	const [finding, setFinding] = useState("");
	const rate = fps ?? undefined;
	const typed = readTimecode(at, fps);
	const wrong = at !== "" && (typed === null || (item.duration_ms !== null && typed > item.duration_ms));
	/** The beginning of the frame that is seen. */
	const standing = (): number | null => {
		const ms = playhead();
		if (ms === null) tell("Play it first; then stop where it shall be.");
		return ms === null || !fps ? ms && Math.round(ms) : frameStart(frameAt(ms, fps), fps);
	};

	const add = async (start_ms: number) => {
		try {
			const made = await addMarker(item.id, { kind, start_ms });
			setAt("");
			changed();
			tell(`${markWord(kind)} at ${timecode(start_ms, rate)}.`, async () => {
				await removeMarker(item.id, made.id);
				changed();
			});
		} catch (cause) {
			complain(cause);
		}
	};
	const find = async () => {
		setFinding("Looking for black and silence.");
		try {
			const { job: id } = await findMarkers(item.id);
			for (;;) {
				const job = await getJob(id);
				if (job.state === "failed" || job.state === "cancelled") throw new Error(job.message ?? "It was called off.");
				if (job.state === "done") {
					setFound((job.result?.items as Candidate[] | undefined) ?? []);
					break;
				}
				if (job.progress) setFinding(`Looking for black and silence: ${Math.floor(job.progress * 100)} %`);
				await new Promise((wake) => setTimeout(wake, 600));
			}
		} catch (cause) {
			complain(cause);
		}
		setFinding("");
	};
	const accept = async (list: Candidate[]) => {
		try {
			const made: number[] = [];
			for (const { at_ms } of list) made.push((await addMarker(item.id, { kind: "break", start_ms: at_ms })).id);
			setFound((before) => before?.filter((one) => !list.includes(one)) ?? null);
			changed();
			tell(`${many(list.length, "break")} added.`, async () => {
				for (const id of made) await removeMarker(item.id, id);
				changed();
			});
		} catch (cause) {
			complain(cause);
			changed();
		}
	};
	const fresh = found?.filter((one) => !item.markers.some((mark) => mark.kind === "break" && Math.abs(mark.start_ms - one.at_ms) < 500)) ?? null;
	const best = fresh?.filter((one) => one.chosen) ?? [];
	return (
		<section class={css.markers} aria-label="Break points and chapters">
			<h2 class={ui.title}>Break points and chapters</h2>
			<Line item={item} found={fresh} show={show} />
			<ul>
				{item.markers.toSorted((a, b) => a.start_ms - b.start_ms).map((mark) => (
					<One key={mark.id} item={item.id} mark={mark} fps={fps} show={show} standing={standing} length={item.duration_ms} />
				))}
			</ul>
			{item.markers.length === 0 && <p class={ui.dim}>None yet. Without them it goes in one piece, or breaks at even distances where the channel says so.</p>}
			<form class={css.add} onSubmit={(event) => (event.preventDefault(), !wrong && typed !== null && add(typed))}>
				<select class={ui.box} aria-label="Kind" value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
					{KINDS.map(([value, word]) => <option key={value} value={value}>{word}</option>)}
				</select>
				<input class={`${ui.box} mono`} aria-label="Time of the new one" placeholder="hh:mm:ss.ff" value={at} aria-invalid={wrong} onInput={(event) => setAt(event.currentTarget.value)} />
				<button class={ui.plain} disabled={typed === null || wrong}>Add</button>
				<button type="button" class={ui.plain} onClick={() => { const ms = standing(); if (ms !== null) void add(ms); }}><Icon name="plus" /> Where the picture stands</button>
				<button type="button" class={ui.plain} disabled={Boolean(finding)} onClick={find}>Find breaks</button>
			</form>
			<p class={`${ui.hint} ${css.hint}`}>{wrong ? typed === null ? "A time is hh:mm:ss.ff, mm:ss, or seconds; ff counts frames." : `It ends at ${timecode(item.duration_ms!, rate)}.` : "hh:mm:ss.ff, mm:ss, or seconds. A break with an end takes that stretch out on the air; the file stays whole."}</p>
			{finding && <p class={ui.dim} role="status">{finding}</p>}
			{fresh && (
				<div class={css.found} role="status">
					<p>{fresh.length ? `${many(fresh.length, "place")} found. Which shall be breaks?` : found!.length ? "All that was found is marked already." : "No black with silence in it that would do."}</p>
					<ul>
						{fresh.map((one) => (
							<li key={one.at_ms}>
								<button class={`${css.time} mono`} onClick={() => show(one.at_ms)}>{timecode(one.at_ms, rate)}</button>
								<span>{[`${(one.black_ms / 1000).toFixed(1)} s of black`, one.silence_ms ? `${(one.silence_ms / 1000).toFixed(1)} s of silence` : "", one.chosen ? "" : `passed over: ${one.why}`].filter(Boolean).join(", ")}</span>
								<button class={`${ui.plain} ${ui.small}`} aria-label={`Accept ${timecode(one.at_ms, rate)}`} onClick={() => accept([one])}>Accept</button>
							</li>
						))}
					</ul>
					<div class={ui.acts}>
						{best.length > 1 && <button class={ui.main} onClick={() => accept(best)}>Accept the best {best.length}</button>}
						<button class={ui.plain} onClick={() => setFound(null)}>Done</button>
					</div>
				</div>
			)}
		</section>
	);
}

/** The whole title as a line, with what is marked on it. */
function Line({ item, found, show }: { item: ItemDetail; found: Candidate[] | null; show: (ms: number) => void }) {
	const length = item.duration_ms;
	if (!length) return null;
	return (
		<div class={css.line} onClick={(event) => {
			const box = event.currentTarget.getBoundingClientRect();
			show(((event.clientX - box.left) / box.width) * length);
		}} aria-hidden="true">
			{item.markers.map((mark) => <i key={mark.id} class={mark.kind === "break" ? css.break : css.other} style={{ left: `${(mark.start_ms / length) * 100}%` }} />)}
			{found?.map((one) => <i key={`f${one.at_ms}`} class={css.maybe} style={{ left: `${(one.at_ms / length) * 100}%` }} />)}
		</div>
	);
}

interface OneProps {
	item: number;
	mark: Mark;
	fps: number | null;
	show: (ms: number) => void;
	standing: () => number | null;
	length: number | null;
}

function One({ item, mark, fps, show, standing, length }: OneProps) {
	const said = timecode(mark.start_ms, fps ?? undefined);
	const until = mark.end_ms === null ? "" : timecode(mark.end_ms, fps ?? undefined);
	const word = markWord(mark.kind);
	const change = async (to: MarkerWish, done: string) => {
		try {
			await changeMarker(item, mark.id, to);
			changed();
			tell(done, async () => {
				await changeMarker(item, mark.id, { start_ms: mark.start_ms, end_ms: mark.end_ms });
				changed();
			});
			return true;
		} catch (cause) {
			complain(cause);
			return false;
		}
	};
	const move = (ms: number) => change({ start_ms: ms }, `Moved to ${timecode(ms, fps ?? undefined)}.`);
	const end = (ms: number | null) => change({ end_ms: ms }, ms === null ? "It has no end now." : `It ends at ${timecode(ms, fps ?? undefined)}.`);
	const remove = async () => {
		try {
			await removeMarker(item, mark.id);
			changed();
			tell(`${word} at ${said} taken out.`, async () => {
				await addMarker(item, { kind: mark.kind, start_ms: mark.start_ms, end_ms: mark.end_ms, title: mark.title ?? "" });
				changed();
			});
		} catch (cause) {
			complain(cause);
		}
	};
	return (
		<li>
			<Time label={`${word}: time`} said={said} fps={fps} fits={(ms) => ms !== null && (length === null || ms <= length)} put={(ms) => move(ms!)} />
			<Time label={`${word}: until`} said={until} fps={fps} placeholder="no end" fits={(ms) => ms === null || (ms > mark.start_ms && (length === null || ms <= length))} put={end} />
			<span class={css.what}>
				<b>{mark.title || word}</b>
				<span>{[mark.title ? word : "", mark.end_ms !== null && mark.kind === "break" ? "left out on the air" : "", SOURCES[mark.source ?? ""] ?? ""].filter(Boolean).join(" · ")}</span>
			</span>
			<span class={css.acts}>
				<button class={`${ui.plain} ${ui.small}`} aria-label={`Show ${said}`} onClick={() => show(mark.start_ms)}>Show</button>
				<button class={`${ui.plain} ${ui.small}`} aria-label={`Set here: ${word} at ${said}`} title="To where the picture stands" onClick={() => { const ms = standing(); if (ms !== null && ms !== mark.start_ms) void move(ms); }}>Set here</button>
				<button class={`${ui.danger} ${ui.small}`} aria-label={`Take out ${word} at ${said}`} onClick={remove}>Take out</button>
			</span>
		</li>
	);
}

interface TimeProps {
	label: string;
	/** As it stands; "" for none. */
	said: string;
	fps: number | null;
	placeholder?: string;
	/** ms, or null for an empty field. */
	fits: (ms: number | null) => boolean;
	put: (ms: number | null) => Promise<boolean>;
}

/** A time that is typed; Escape brings back what stood there. */
function Time({ label, said, fps, placeholder = "hh:mm:ss.ff", fits, put }: TimeProps) {
	const [text, setText] = useState(said);
	useEffect(() => setText(said), [said]);
	const read = text.trim() ? readTimecode(text, fps) : null;
	const wrong = (text.trim() !== "" && read === null) || !fits(read);
	const done = async () => {
		if (text === said) return;
		if (wrong || !(await put(read))) setText(said);
	};
	return (
		<input class={`${ui.box} mono`} aria-label={label} placeholder={placeholder} title="hh:mm:ss.ff, mm:ss, or seconds" value={text} aria-invalid={wrong} onInput={(event) => setText(event.currentTarget.value)} onBlur={done} onKeyDown={(event) => {
			if (event.key === "Enter") event.currentTarget.blur();
			else if (event.key === "Escape") setText(said);
		}} />
	);
}
