/* folderchoice.tsx - a folder of the station's machine, chosen by looking around: places to begin at, the way one has come,
 * the folders here, and the path itself for those who type. Not here: what a folder holds (the station says), the field that
 * opens it (folderfield.tsx). */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { getFolders, type Folder, type Listing, type Place } from "../api.ts";
import { useAnswer } from "../lib/ask.ts";
import { useModal } from "../lib/modal.ts";
import { crumbs, cutPath, isWithin, lastPart } from "../lib/paths.ts";
import { countWord, many } from "../lib/words.ts";
import ui from "./controls.module.css";
import css from "./folderchoice.module.css";
import { Icon } from "./icon.tsx";

interface Props {
	/** Where to begin; "" where the station says. */
	path: string;
	/** Only folders of the library will do. */
	within?: boolean | undefined;
	/** The folder, or null when none was wanted. */
	done: (path: string | null) => void;
}

/* Album 9 before Album 10 */
const order = new Intl.Collator("en", { numeric: true });
const SLOW = 1_500;
const TYPING = 150;

export function FolderChoice({ path, within, done }: Props) {
	const dialog = useModal();
	const [folder, setFolder] = useState(path);
	const [start, setStart] = useState("");
	const [typed, setTyped] = useState<string | null>(null);
	const [hidden, setHidden] = useState(false);
	const [from, setFrom] = useState("");
	const answer = useAnswer(async (signal) => {
		const found = await getFolders(folder, start, hidden, signal);
		return { ...found, items: found.items.toSorted((a, b) => order.compare(a.name, b.name)) };
	}, [folder, start, hidden]);
	const list = answer.value;
	const slow = useSlow(answer.asking);
	useEffect(() => {
		if (typed === null) return;
		const timer = setTimeout(() => {
			const cut = cutPath(typed);
			if (cut.folder) setFolder(cut.folder);
			setStart(cut.folder ? cut.start : "");
		}, TYPING);
		return () => clearTimeout(timer);
	}, [typed]);
	const open = (to: string, came = "") => {
		setTyped(null);
		setStart("");
		setFrom(came);
		setFolder(to);
	};
	const up = () => list?.parent && open(list.parent, list.path);
	const exact = start && list ? list.items.find((one) => one.name === start)?.path : undefined;
	const chosen = answer.trouble || answer.asking || !list ? null : start ? (exact ?? null) : list.path;
	const known = Boolean(!within && chosen && list?.places.some((place) => place.name === "root" && place.path === chosen));
	const outside = Boolean(within && list && chosen && !isWithin(chosen, list.places.filter((place) => place.name === "root").map((place) => place.path)));
	const use = () => chosen && !known && !outside && done(chosen);
	return (
		<dialog ref={dialog} class={css.choice} aria-labelledby="folder-title" onCancel={() => done(null)} onClick={(event) => event.target === dialog.current && done(null)}>
			<div class={css.inner}>
				<h2 id="folder-title">Choose a folder</h2>
				{list && <Places list={list} within={within} open={open} />}
				{!list && answer.trouble && <nav class={css.places} aria-label="Places"><button type="button" onClick={() => open("")}><Icon name="folder" /> Begin elsewhere</button></nav>}
				<input class={`${ui.box} mono`} type="text" aria-label="Path" aria-controls="folder-list" spellcheck={false} autoComplete="off" autoCapitalize="off" value={typed ?? list?.path ?? ""}
					onInput={(event) => (event.stopPropagation(), setTyped(event.currentTarget.value))} onKeyDown={(event) => {
						if (event.key === "ArrowDown") dialog.current?.querySelector<HTMLElement>("[data-folder]")?.focus();
						else if (event.key !== "Enter") return;
						else if (list?.items.length && start) open(exact ?? list.items[0]!.path);
						else if (typed) open(typed.replace(/(.)\/+$/, "$1"));
						event.preventDefault(); /* it may stand in a form */
					}} />
				{list && <Way path={list.path} open={open} />}
				<List list={list} start={start} from={from} open={open} up={up} use={use} typing={typed !== null} />
				<p class={css.said} role={answer.trouble ? "alert" : "status"}>
					{answer.trouble ? <span class={ui.wrong}>{answer.trouble}</span> : slow ? "This disk takes its time; it may be asleep, or far away." : list ? hereWord(list, start) : ""}
				</p>
				<div class={css.foot}>
					<label class={ui.check}><input type="checkbox" checked={hidden} onChange={(event) => setHidden(event.currentTarget.checked)} /><span class={ui.dim}>Hidden ones too{list?.hidden ? ` (${countWord(list.hidden)})` : ""}</span></label>
					{(known || outside) && <span class={ui.dim}>{known ? "It is in the library already." : "It must lie in one of the library's folders."}</span>}
					<span class={css.acts}>
						<button type="button" class={ui.plain} onClick={() => done(null)}>Leave it</button>
						<button type="button" class={ui.main} disabled={!chosen || known || outside} title={chosen ?? ""} onClick={use}>Use this folder</button>
					</span>
				</div>
			</div>
		</dialog>
	);
}

function useSlow(asking: boolean): boolean {
	const [slow, setSlow] = useState(false);
	useEffect(() => {
		setSlow(false);
		if (!asking) return;
		const timer = setTimeout(() => setSlow(true), SLOW);
		return () => clearTimeout(timer);
	}, [asking]);
	return slow;
}

/** 12 films or clips and 3 folders here */
function hereWord(list: Listing, start: string): string {
	const held = [list.videos ? many(list.videos, "film or clip", "films and clips") : "", list.sounds ? many(list.sounds, "sound file") : ""].filter(Boolean).join(" and ");
	if (list.total > list.items.length) return `The first ${countWord(list.items.length)} of ${countWord(list.total)} folders; type the beginning of a name to see others.`;
	if (start) return list.total ? `${many(list.total, "folder")} with a name that begins so.` : "No folder here begins so.";
	return [held && `${held} right in it.`, list.total ? `${many(list.total, "folder")} below.` : "No folders below."].filter(Boolean).join(" ");
}

function Places({ list, within, open }: { list: Listing; within: boolean | undefined; open: (path: string) => void }) {
	const word = (place: Place) => (place.name === "home" ? "Home" : place.name === "root" ? lastPart(place.path) : place.path);
	const places = list.places.filter((place) => (within ? place.name === "root" : true));
	return (
		<nav class={css.places} aria-label="Places">
			{places.slice(0, 12).map((place) => (
				<button key={`${place.name}${place.path}`} type="button" aria-current={place.path === list.path ? "location" : undefined} title={place.path} onClick={() => open(place.path)}>
					<Icon name={place.name === "root" ? "library" : "folder"} /> {word(place)}
				</button>
			))}
			{!within && <button type="button" aria-current={list.path === "/" ? "location" : undefined} onClick={() => open("/")}><Icon name="monitor" /> This machine</button>}
		</nav>
	);
}

function Way({ path, open }: { path: string; open: (path: string, came?: string) => void }) {
	const parts = crumbs(path);
	return (
		<nav class={css.way} aria-label="The way here">
			{parts.map((part, i) => (
				<button key={part.path} type="button" aria-label={i === 0 ? "This machine" : part.name} aria-current={i === parts.length - 1 ? "location" : undefined} onClick={() => open(part.path, parts[i + 1]?.path)}>{i === 0 ? <Icon name="monitor" /> : part.name}</button>
			))}
		</nav>
	);
}

interface ListProps {
	list: Listing | null;
	start: string;
	/** The folder one came up from: it has the focus. */
	from: string;
	open: (path: string, came?: string) => void;
	up: () => void;
	use: () => void;
	typing: boolean;
}

function List({ list, start, from, open, up, use, typing }: ListProps) {
	const box = useRef<HTMLUListElement>(null);
	const [at, setAt] = useState(0);
	const word = useRef({ text: "", when: 0 });
	const items = list?.items ?? [];
	const buttons = () => [...(box.current?.querySelectorAll<HTMLElement>("[data-folder]") ?? [])];
	useLayoutEffect(() => {
		const i = Math.max(0, items.findIndex((one) => one.path === from));
		setAt(i);
		if (!list || typing) return;
		if (box.current) box.current.scrollTop = 0;
		(buttons()[i] ?? box.current)?.focus();
	}, [list?.path, start]);
	const focus = (i: number) => {
		setAt(i);
		buttons()[i]?.focus();
	};
	const key = (event: KeyboardEvent) => {
		const { key } = event;
		if (key === "ArrowDown" && at < items.length - 1) focus(at + 1);
		else if (key === "ArrowUp" && at > 0) focus(at - 1);
		else if (key === "Home") focus(0);
		else if (key === "End") focus(items.length - 1);
		else if (key === "ArrowRight" && items[at]) open(items[at].path);
		else if (key === "ArrowLeft" || key === "Backspace") up();
		else if (key === "Enter" && (event.ctrlKey || event.metaKey)) use();
		else if (key.length === 1 && key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) jump(key);
		else return;
		event.preventDefault();
	};
	const jump = (letter: string) => {
		const recent = Date.now() - word.current.when < 800;
		word.current = { text: (recent ? word.current.text : "") + letter.toLowerCase(), when: Date.now() };
		const found = items.findIndex((one) => one.name.toLowerCase().startsWith(word.current.text));
		if (found >= 0) focus(found);
	};
	return (
		<ul ref={box} id="folder-list" class={css.list} aria-label="Folders here" tabIndex={items.length ? -1 : 0} onKeyDown={key}>
			{items.map((one, i) => (
				<li key={one.path}>
					<button type="button" data-folder="" class={one.closed ? css.closed : ""} tabIndex={i === at ? 0 : -1} onFocus={() => setAt(i)} onClick={() => open(one.path)}>
						<Icon name="folder" /> <span class={css.name} dir="auto">{one.name}</span> <span class={css.note}>{noteOf(one)}</span>
					</button>
				</li>
			))}
			{list && items.length === 0 && <li class={css.none}>{start ? "No folder here begins so." : "No folders in here. If this is the one, use it."}</li>}
		</ul>
	);
}

const noteOf = (one: Folder) => [one.closed ? "can't be read" : "", one.mounted ? "another disk" : "", one.link ? "a link" : "", one.hidden ? "hidden" : ""].filter(Boolean).join(", ");
