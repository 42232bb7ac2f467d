/* folderfield.tsx - a folder of the station's machine: typed, with the names that would fit, or chosen by looking around.
 * The looking around comes with the first wish for it. */
import { useState } from "preact/hooks";
import { getFolders } from "../api.ts";
import { useAnswer } from "../lib/ask.ts";
import { later } from "../lib/later.tsx";
import { cutPath } from "../lib/paths.ts";
import ui from "./controls.module.css";
import css from "./folderfield.module.css";
import { Icon } from "./icon.tsx";

const FolderChoice = later(() => import("./folderchoice.tsx").then((m) => m.FolderChoice));

interface Props {
	id: string;
	label: string;
	hint: string;
	placeholder: string;
	value: string;
	set: (path: string) => void;
	trouble?: string;
	/** Only folders of the library will do. */
	within?: boolean;
	/** Where looking around begins while nothing is typed; otherwise the station says. */
	start?: string | undefined;
}

export function FolderField({ id, label, hint, placeholder, value, set, trouble, within, start: begin = "" }: Props) {
	const [open, setOpen] = useState(false);
	const [typing, setTyping] = useState(false);
	const { folder, start } = cutPath(value);
	const wanted = typing && folder !== "";
	const fits = useAnswer(async (signal) => (wanted ? (await getFolders(folder, start, start.startsWith("."), signal)).items.slice(0, 20) : []), [wanted, folder, start]);
	return (
		<div class={ui.field}>
			<label class={ui.name} for={id}>{label}</label>
			<div class={css.row}>
				<input id={id} class="mono" type="text" list={`${id}-fits`} spellcheck={false} autoComplete="off" autoCapitalize="off" placeholder={placeholder} value={value} aria-invalid={Boolean(trouble)} aria-describedby={trouble ? `${id}-trouble` : `${id}-hint`}
					onInput={(event) => (setTyping(true), set(event.currentTarget.value))} />
				<datalist id={`${id}-fits`}>{fits.value?.map((one) => <option key={one.path} value={one.path} />)}</datalist>
				<button type="button" class={value || within ? ui.plain : ui.main} aria-haspopup="dialog" onClick={() => setOpen(true)}><Icon name="folder" /> Choose a folder</button>
			</div>
			<span id={`${id}-hint`} class={ui.hint}>{hint}</span>
			{trouble && <span id={`${id}-trouble`} class={ui.wrong} role="alert">{trouble}</span>}
			{open && <FolderChoice path={value.startsWith("/") ? value : begin} within={within} done={(path) => (setOpen(false), setTyping(false), path !== null && set(path))} />}
		</div>
	);
}
