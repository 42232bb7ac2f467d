/* folders.tsx - the folders the station knows: how each is, how it is watched, one more, one less. Taking a folder away
 * forgets what is in it and touches no file. */
import { addRoot, call, getRoots, removeRoot, type Root } from "../../api.ts";
import { useAnswer } from "../../lib/ask.ts";
import { countWord, lengthWord, many, sizeWord } from "../../lib/words.ts";
import { libraryEdition, status } from "../../station.ts";
import { ask } from "../../ui/ask.tsx";
import { Meter } from "../../ui/bar.tsx";
import ui from "../../ui/controls.module.css";
import { Head } from "../../ui/head.tsx";
import { complain, tell } from "../../ui/toast.tsx";
import { AddFolder, KINDS } from "./addfolder.tsx";
import { Tabs } from "./tabs.tsx";
import css from "./shelf.module.css";

const kindName = (kind: string) => kind === "auto" ? "Anything" : KINDS.find(([value]) => value === kind)?.[1] ?? kind;

function watchWord(root: Root): [word: string, bad: boolean] {
	if (root.watch === "stalled" || root.stalled_s != null) return [`does not answer${root.stalled_s ? ` for ${lengthWord(root.stalled_s * 1000)}` : ""}`, true];
	if (root.state === "missing") return ["can't be seen; what it holds is kept until it is back", true];
	if (root.vanished) return [`${many(root.vanished, "file")} went at once; nothing is taken for lost until you look through it`, true];
	if (root.waiting && root.waiting.probes + root.waiting.samples > 0) return [`${countWord(root.waiting.probes + root.waiting.samples)} still to open`, false];
	const watch = root.watch ?? "";
	if (watch.includes("polling the rest")) return ["watched in part: the system allows no more, the rest is looked at now and then", false];
	if (watch.startsWith("watching")) return ["watched: changes show at once", false];
	if (watch === "polling") return ["looked at now and then", false];
	return [root.state === "new" ? "not looked through yet" : "looked through when you say so", false];
}

export function Folders() {
	const scan = status.value?.scan;
	const answer = useAnswer(getRoots, [libraryEdition.value, scan?.running, scan?.seen]);
	const list = answer.value?.items ?? [];
	const changed = () => {
		libraryEdition.value++;
		answer.again();
	};
	const look = async () => {
		try {
			await call("POST", "/api/scan");
			tell("Looking through all folders.");
		} catch (cause) {
			complain(cause);
		}
	};
	return (
		<div class={css.room} style={{ padding: 0 }}>
			<Head title="Library">{list.length > 0 && many(list.length, "folder")}</Head>
			<Tabs here="/library/folders" />
			<div class={css.room}>
				{!answer.value && <p class={css.none}>{answer.absent ? <>This station takes folders from the command line only: <code>matinee root add /path/to/films</code></> : answer.trouble || "Looking."}</p>}
				{answer.value && list.length === 0 && <p class={css.none}>No folder yet. Show the station one with films, shows or clips.</p>}
				{list.length > 0 && <ul class={css.roots}>{list.map((root) => <One key={root.id} root={root} changed={changed} />)}</ul>}
				{answer.value && <AddFolder changed={changed} word={list.length ? "One more folder" : "The first folder"} />}
				{list.length > 0 && <p class={ui.acts} style={{ marginTop: "1.5rem" }}><button class={ui.plain} disabled={scan?.running} onClick={look}>Look through all now</button></p>}
			</div>
		</div>
	);
}

function One({ root, changed }: { root: Root; changed: () => void }) {
	const [word, bad] = watchWord(root);
	const scan = status.value?.scan;
	const here = scan?.running && scan.root === root.path;
	const remove = async () => {
		if (!(await ask("Forget this folder?", `${root.path}\nThe station forgets what is in it, markers and tags too. No file is touched.`, "Forget the folder"))) return;
		try {
			await removeRoot(root.id);
			changed();
			tell("Forgotten.", async () => {
				await addRoot(root.path, root.kind);
				changed();
			});
		} catch (cause) {
			complain(cause);
		}
	};
	return (
		<li>
			<span class={css.path}><span class={css.name}>{root.path}</span><span class={css.folder}>{[kindName(root.kind), typeof root.files === "number" ? many(root.files, "file") : "", root.bytes ? sizeWord(root.bytes) : "", root.failed ? `${countWord(root.failed)} can't be played` : ""].filter(Boolean).join(" · ")}</span></span>
			<span>
				{here ? <>{countWord(scan.seen)} seen, {countWord(scan.to_probe)} to open<Meter part={scan.probed / Math.max(1, scan.probed + scan.to_probe)} thin /></> : bad ? <em>◇ {word}</em> : word}
			</span>
			<button class={`${ui.danger} ${ui.small}`} aria-label={`Forget ${root.path}`} onClick={remove}>Forget</button>
		</li>
	);
}
