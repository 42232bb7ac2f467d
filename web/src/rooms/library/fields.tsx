/* fields.tsx - what one can say of a title besides its file: the names of the fields, the values that are in use, and the
 * form of one title. What a field means for the schedule: docs/search.md and docs/station.md. */
import { useState } from "preact/hooks";
import type { ItemDetail } from "../../api.ts";
import { changeItem, getValues, type ItemWish, type Values } from "../../api_library.ts";
import { useAnswer } from "../../lib/ask.ts";
import { useKept } from "../../lib/kept.ts";
import { dateField, dayEnd } from "../../lib/words.ts";
import { libraryEdition } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { complain, tell } from "../../ui/toast.tsx";
import css from "./fields.module.css";

interface Field {
	word: string;
	type: "text" | "number" | "date" | "long";
	/** Values are suggested. */
	list?: boolean;
	kinds?: string[];
}

export const FIELDS: Record<string, Field> = {
	title: { word: "Title", type: "text" },
	year: { word: "Year", type: "number" },
	season: { word: "Season", type: "number", kinds: ["episode", "season"] },
	episode: { word: "Episode", type: "number", kinds: ["episode"] },
	daypart: { word: "Time of day", type: "text", list: true },
	air_season: { word: "Time of year", type: "text", list: true },
	rating: { word: "Rating", type: "text", list: true },
	category: { word: "Category", type: "text", list: true },
	audience: { word: "For whom", type: "text", list: true },
	company: { word: "Company", type: "text", list: true },
	warnings: { word: "Warnings", type: "text" },
	expires: { word: "Not after", type: "date" },
	notes: { word: "Notes", type: "long" },
};

export const fieldWord = (field: string) => FIELDS[field]?.word ?? (field === "tags" ? "Tags" : field.charAt(0).toUpperCase() + field.slice(1).replaceAll("_", " "));

/** "western, rainy day" as a list. */
export const wordsOf = (text: string) => [...new Set(text.split(",").map((word) => word.trim()).filter(Boolean))];

/** The lists behind the inputs. */
export function Suggestions({ values }: { values: Values | null }) {
	if (!values) return null;
	return (
		<>
			{["daypart", "air_season", "rating", "category", "audience", "company", "tags"].map((field) => {
				const list = values[field] ?? values[`${field}s`] ?? values[field.replace(/s$/, "")] ?? [];
				return (
					<datalist key={field} id={`values-${field}`}>
						{list.map((value) => (typeof value === "string" ? <option key={value} value={value} /> : <option key={value.value} value={value.value} label={value.label ?? value.value} />))}
					</datalist>
				);
			})}
		</>
	);
}

type Draft = Record<string, string>;

const known = (item: ItemDetail) => Object.entries(FIELDS).filter(([, field]) => !field.kinds || field.kinds.includes(item.kind));

function draftOf(item: ItemDetail): Draft {
	const draft: Draft = { tags: (item.tags ?? []).join(", ") };
	const values = item as unknown as Record<string, unknown>;
	for (const [name, field] of known(item)) {
		const value = name === "title" && item.episode_title && item.kind === "episode" ? item.episode_title : values[name];
		draft[name] = value == null ? "" : field.type === "date" ? dateField(String(value)) : String(value);
	}
	return draft;
}

/** What differs, as the station wants it. */
function wishOf(draft: Draft, before: Draft): ItemWish {
	const wish: Record<string, unknown> = {};
	for (const [name, text] of Object.entries(draft)) {
		if (text.trim() === before[name]!.trim()) continue;
		if (name === "tags") wish.tags = wordsOf(text);
		else if (text.trim() === "") wish[name] = null;
		else if (FIELDS[name]!.type === "number") wish[name] = Number(text);
		else if (FIELDS[name]!.type === "date") wish[name] = dayEnd(text);
		else wish[name] = text.trim();
	}
	return wish as ItemWish;
}

export function Fields({ item }: { item: ItemDetail }) {
	const before = draftOf(item);
	const [changes, setChanges, forget] = useKept<Draft>(`item ${item.id}`, {});
	const [busy, setBusy] = useState(false);
	const values = useAnswer(getValues, []);
	const draft = { ...before, ...changes };
	const wish = wishOf(draft, before);
	const changed = Object.keys(wish).length > 0 && draft.title?.trim() !== "";
	const save = async (event: Event) => {
		event.preventDefault();
		if (!changed || busy) return;
		setBusy(true);
		try {
			await changeItem(item.id, wish);
			forget({});
			libraryEdition.value++;
			const back = wishOf(before, draft);
			tell("Saved.", async () => {
				await changeItem(item.id, back);
				libraryEdition.value++;
			});
		} catch (cause) {
			complain(cause);
		}
		setBusy(false);
	};
	const put = (name: string, value: string) => setChanges({ ...changes, [name]: value });
	return (
		<form class={css.fields} onSubmit={save} aria-label="What it is">
			<h2 class={ui.title}>What it is</h2>
			<div class={css.grid}>
				{known(item).map(([name, field]) => (
					<label key={name} class={`${ui.field} ${field.type === "long" || name === "title" ? css.wide : ""}`}>
						<span class={ui.name}>{field.word}</span>
						{field.type === "long" ? (
							<textarea rows={2} value={draft[name]} onInput={(event) => put(name, event.currentTarget.value)} />
						) : (
							<input type={field.type} list={field.list ? `values-${name}` : undefined} autoComplete="off" value={draft[name]} onInput={(event) => put(name, event.currentTarget.value)} />
						)}
					</label>
				))}
				<label class={`${ui.field} ${css.wide}`}>
					<span class={ui.name}>Tags</span>
					<input type="text" autoComplete="off" placeholder="western, rainy day" value={draft.tags} onInput={(event) => put("tags", event.currentTarget.value)} />
				</label>
			</div>
			<Suggestions values={values.value} />
			<div class={ui.acts}>
				<button class={ui.main} disabled={!changed || busy}>Save</button>
				{changed && <button type="button" class={ui.plain} onClick={() => forget({})}>As it was</button>}
			</div>
		</form>
	);
}
