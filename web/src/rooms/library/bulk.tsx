/* bulk.tsx - many titles changed at once: the bar that says how many are chosen, and the sheet with what shall be set.
 * How many would really change is asked before; afterwards it can be taken back. */
import { useEffect, useState } from "preact/hooks";
import { bulkItems, getValues, undoBulk, type BulkWish, type ItemWish } from "../../api_library.ts";
import { useAnswer } from "../../lib/ask.ts";
import { useModal } from "../../lib/modal.ts";
import { countWord, dayEnd, many } from "../../lib/words.ts";
import { libraryEdition } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { complain, tell } from "../../ui/toast.tsx";
import type { Choice } from "./choice.ts";
import { Collect } from "./collect.tsx";
import { FIELDS, fieldWord, Suggestions, wordsOf } from "./fields.tsx";
import css from "./bulk.module.css";

interface Props {
	choice: Choice;
	q: string;
	total: number;
}

export function Bulk({ choice, q, total }: Props) {
	const [open, setOpen] = useState(false);
	const [collecting, setCollecting] = useState(false);
	const n = choice.all ? total : choice.ids.size;
	const organise = choice.all ? `/library/organise?${new URLSearchParams({ q })}` : `/library/organise?${new URLSearchParams({ q: `id:${[...choice.ids].join(",")}` })}`;
	return (
		<div class={css.bar} data-foot="" role="region" aria-label="Chosen titles">
			<b>{many(n, "title")} chosen</b>
			{!choice.all && n < total && <button class={ui.link} onClick={choice.chooseAll}>All {countWord(total)}</button>}
			<span class={css.acts}>
				<button class={ui.main} onClick={() => setOpen(true)}>Change</button>
				<button class={ui.plain} onClick={() => setCollecting(true)}>Collect</button>
				<a class={ui.plain} href={organise}>Organise</a>
				<button class={ui.plain} onClick={choice.clear}>None</button>
			</span>
			{collecting && <Collect n={n} which={choice.all ? { q: q || "-kind:season" } : { add: [...choice.ids] }} close={(done) => (setCollecting(false), done && choice.clear())} />}
			{open && <Sheet n={n} which={choice.all ? { q: q || "-kind:season" } : { ids: [...choice.ids] }} close={(done) => (setOpen(false), done && choice.clear())} />}
		</div>
	);
}

const BULK = ["daypart", "air_season", "rating", "category", "audience", "company", "warnings", "expires", "notes", "year"] as const;

function Sheet({ n, which, close }: { n: number; which: Pick<BulkWish, "q" | "ids">; close: (done: boolean) => void }) {
	const dialog = useModal();
	const [set, setSet] = useState<Record<string, string>>({});
	const [clear, setClear] = useState<Set<string>>(new Set());
	const [add, setAdd] = useState("");
	const [remove, setRemove] = useState("");
	const [busy, setBusy] = useState(false);
	const values = useAnswer(getValues, []);

	const fields: ItemWish = {};
	for (const field of BULK) {
		const text = set[field]?.trim();
		if (clear.has(field)) Object.assign(fields, { [field]: null });
		else if (text) Object.assign(fields, { [field]: field === "year" ? Number(text) : field === "expires" ? dayEnd(text) : text });
	}
	const wish: BulkWish = { ...which };
	if (Object.keys(fields).length) wish.set = fields;
	if (wordsOf(add).length) wish.add_tags = wordsOf(add);
	if (wordsOf(remove).length) wish.remove_tags = wordsOf(remove);
	const something = Boolean(wish.set || wish.add_tags || wish.remove_tags);
	const key = JSON.stringify(wish);
	const [waited, setWaited] = useState(key);
	useEffect(() => {
		const timer = setTimeout(() => setWaited(key), 250);
		return () => clearTimeout(timer);
	}, [key]);
	const preview = useAnswer(async () => (something ? await bulkItems({ ...wish, dry_run: true }) : null), [waited]);
	const apply = async (event: Event) => {
		event.preventDefault();
		if (!something || busy) return;
		setBusy(true);
		try {
			const done = await bulkItems(wish);
			libraryEdition.value++;
			tell(`${many(done.changed, "title")} changed.`, done.undo == null ? undefined : async () => {
				await undoBulk(done.undo!);
				libraryEdition.value++;
			});
			close(true);
		} catch (cause) {
			complain(cause);
			setBusy(false);
		}
	};
	return (
		<dialog ref={dialog} class={css.sheet} aria-label="Change the chosen titles" onCancel={(event) => (event.preventDefault(), close(false))}>
			<form onSubmit={apply}>
				<h2>Change {many(n, "title")}</h2>
				<p class={ui.dim}>What is left empty stays as it is with each of them.</p>
				<div class={css.fields}>
					{BULK.map((field) => (
						<div key={field} class={ui.field}>
							<label class={ui.name} for={`bulk-${field}`}>{fieldWord(field)}</label>
							<span class={css.row}>
								<input id={`bulk-${field}`} type={FIELDS[field]!.type === "long" ? "text" : FIELDS[field]!.type} list={FIELDS[field]?.list ? `values-${field}` : undefined} disabled={clear.has(field)} placeholder={clear.has(field) ? "taken off" : "as it is"} value={clear.has(field) ? "" : (set[field] ?? "")} onInput={(event) => setSet({ ...set, [field]: event.currentTarget.value })} />
								<label class={css.clear}>
									<input class={ui.tick} type="checkbox" checked={clear.has(field)} aria-label={`Take off: ${fieldWord(field)}`} onChange={() => setClear((before) => { const next = new Set(before); if (!next.delete(field)) next.add(field); return next; })} /> none
								</label>
							</span>
						</div>
					))}
					<label class={ui.field}>
						<span class={ui.name}>Add tags</span>
						<input type="text" list="values-tags" placeholder="western, rainy day" value={add} onInput={(event) => setAdd(event.currentTarget.value)} />
					</label>
					<label class={ui.field}>
						<span class={ui.name}>Take off tags</span>
						<input type="text" list="values-tags" value={remove} onInput={(event) => setRemove(event.currentTarget.value)} />
					</label>
				</div>
				<Suggestions values={values.value} />
				<div class={css.foot}>
					<p class={css.preview} role="status">
						{!something ? "Nothing to change yet." : preview.trouble ? <span class={ui.wrong}>{preview.trouble}</span> : preview.value ? `${countWord(preview.value.changed)} of ${many(preview.value.matched, "title")} will change.` : "Counting."}
					</p>
					<div class={css.acts}>
						<button type="button" class={ui.plain} onClick={() => close(false)}>Leave it</button>
						<button class={ui.main} disabled={!something || busy || Boolean(preview.trouble)}>Change them</button>
					</div>
				</div>
			</form>
		</dialog>
	);
}
