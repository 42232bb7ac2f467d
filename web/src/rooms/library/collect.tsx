/* collect.tsx - the two ways into a collection: titles put into one that is made by hand, and a filter that is kept as a
 * smart one. Each is a question over the page. Not here: the room of collections (collections.tsx). */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { addCollection, collect, getCollections, removeCollection, type Collect as Which } from "../../api_library.ts";
import { useAnswer } from "../../lib/ask.ts";
import { useModal } from "../../lib/modal.ts";
import { many } from "../../lib/words.ts";
import { libraryEdition } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { complain, tell } from "../../ui/toast.tsx";
import css from "./collections.module.css";

interface SheetProps {
	title: string;
	yes: string;
	ready: boolean;
	close: (done: boolean) => void;
	/** Says what went wrong by throwing. */
	act: () => Promise<void>;
	children: ComponentChildren;
}

function Sheet({ title, yes, ready, close, act, children }: SheetProps) {
	const dialog = useModal();
	const [busy, setBusy] = useState(false);
	const submit = async (event: Event) => {
		event.preventDefault();
		if (!ready || busy) return;
		setBusy(true);
		try {
			await act();
			libraryEdition.value++;
			close(true);
		} catch (cause) {
			complain(cause);
			setBusy(false);
		}
	};
	return (
		<dialog ref={dialog} class={css.ask} aria-label={title} onCancel={(event) => (event.preventDefault(), close(false))}>
			<form onSubmit={submit}>
				<h2>{title}</h2>
				{children}
				<div class={ui.acts}>
					<button class={ui.main} disabled={!ready || busy}>{yes}</button>
					<button type="button" class={ui.plain} onClick={() => close(false)}>Leave it</button>
				</div>
			</form>
		</dialog>
	);
}

/** Puts titles at the end of a collection by hand: one that is there, or a new one. */
export function Collect({ n, which, close }: { n: number; which: Pick<Which, "add" | "q">; close: (done: boolean) => void }) {
	const answer = useAnswer(getCollections, []);
	const list = (answer.value?.items ?? []).filter((one) => !one.smart);
	const [chosen, setChosen] = useState<number | null>(null);
	const [name, setName] = useState("");
	const fresh = chosen === null;
	const act = async () => {
		const target = fresh ? await addCollection({ name: name.trim() }) : list.find((one) => one.id === chosen)!;
		try {
			const { added } = await collect(target.id, which);
			tell(added ? `${many(added, "title")} put into ${target.name}.` : `All of it was in ${target.name} already.`);
		} catch (cause) {
			if (fresh) await removeCollection(target.id);
			throw cause;
		}
	};
	return (
		<Sheet title={`Collect ${many(n, "title")}`} yes="Put it in" ready={!fresh || name.trim() !== ""} close={close} act={act}>
			<fieldset class={css.choice}>
				<legend class={ui.name}>Into which collection?</legend>
				{list.map((one) => (
					<label key={one.id}>
						<input type="radio" name="collection" checked={chosen === one.id} onChange={() => setChosen(one.id)} /> <span dir="auto">{one.name}</span> <i>{many(one.items, "title")}</i>
					</label>
				))}
				<label>
					<input type="radio" name="collection" checked={fresh} onChange={() => setChosen(null)} /> <span>A new one</span>
				</label>
			</fieldset>
			{fresh && (
				<label class={ui.field}>
					<span class={ui.name}>Its name</span>
					<input type="text" maxLength={200} autoFocus value={name} onInput={(event) => setName(event.currentTarget.value)} />
				</label>
			)}
		</Sheet>
	);
}

/** Keeps a filter under a name. */
export function Keep({ filter, close }: { filter: string; close: () => void }) {
	const [name, setName] = useState("");
	const act = async () => {
		const made = await addCollection({ name: name.trim(), filter });
		tell(`Kept as ${made.name}.`, async () => {
			await removeCollection(made.id);
			libraryEdition.value++;
		});
	};
	return (
		<Sheet title="Keep as a collection" yes="Keep it" ready={name.trim() !== ""} close={close} act={act}>
			<p class={css.lead}>What passes <code>{filter}</code> belongs to it, also what comes later. A channel can air it, and every filter can ask for it by its name.</p>
			<label class={ui.field}>
				<span class={ui.name}>Its name</span>
				<input type="text" maxLength={200} autoFocus value={name} onInput={(event) => setName(event.currentTarget.value)} />
			</label>
		</Sheet>
	);
}
