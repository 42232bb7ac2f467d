/* addfolder.tsx - one more folder for the station: its path and what is in it. */
import { useState } from "preact/hooks";
import { addRoot, removeRoot } from "../../api.ts";
import ui from "../../ui/controls.module.css";
import { FolderField } from "../../ui/folderfield.tsx";
import { tell } from "../../ui/toast.tsx";
import css from "./shelf.module.css";

export const KINDS: [value: string, word: string][] = [["auto", "Find out"], ["movies", "Films"], ["shows", "Shows"], ["music", "Music"], ["commercials", "Commercials"], ["bumpers", "Bumpers"], ["idents", "Idents"], ["promos", "Promos"], ["filler", "Filler"]];

export function AddFolder({ changed, word = "One more folder" }: { changed: () => void; word?: string }) {
	const [path, setPath] = useState("");
	const [kind, setKind] = useState("auto");
	const [trouble, setTrouble] = useState("");
	const [busy, setBusy] = useState(false);
	const add = async (event: Event) => {
		event.preventDefault();
		setBusy(true);
		setTrouble("");
		try {
			const root = await addRoot(path.trim(), kind);
			setPath("");
			changed();
			tell("It is being looked through.", async () => {
				await removeRoot(root.id);
				changed();
			});
		} catch (cause) {
			setTrouble(cause instanceof Error ? cause.message : String(cause));
		}
		setBusy(false);
	};
	return (
		<form class={css.form} style={{ marginTop: "2rem" }} onSubmit={add}>
			<div class={css.wide}>
				<FolderField id="root-path" label={word} hint="As the station's machine names it. Nothing in it is copied or changed." placeholder="/path/to/films" value={path} set={(to) => (setPath(to), setTrouble(""))} trouble={trouble} />
			</div>
			<fieldset class={`${ui.field} ${css.wide}`}>
				<legend class={ui.name}>What is in it</legend>
				<div class={ui.choice}>
					{KINDS.map(([value, word]) => (
						<label key={value}><input type="radio" name="root-kind" checked={kind === value} onChange={() => setKind(value)} />{word}</label>
					))}
				</div>
			</fieldset>
			<div class={css.wide}><button class={ui.main} disabled={!path.trim() || busy}>Add the folder</button></div>
		</form>
	);
}
