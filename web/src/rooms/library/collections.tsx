/* collections.tsx - the collections there are, and one of them: its titles in its order, its name, its filter. Taking one
 * away, or a title out of one, touches no file and can be taken back. Ways into one: collect.tsx. */
import { useEffect, useState } from "preact/hooks";
import { pictureOf, type Item } from "../../api.ts";
import { addCollection, changeCollection, collect, getCollected, getCollection, getCollections, removeCollection, type Collection, type CollectionWish } from "../../api_library.ts";
import { useAnswer } from "../../lib/ask.ts";
import { quote } from "../../lib/filter.ts";
import { usePaged } from "../../lib/paged.ts";
import { kindWord, many } from "../../lib/words.ts";
import { go } from "../../router.ts";
import { libraryEdition } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { Chips, FilterBox } from "../../ui/filterbox.tsx";
import { Head } from "../../ui/head.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Picture } from "../../ui/picture.tsx";
import { complain, tell } from "../../ui/toast.tsx";
import { Tabs } from "./tabs.tsx";
import { titleOf } from "./title.ts";
import shelf from "./shelf.module.css";
import css from "./collections.module.css";

export function Collections() {
	const open = Number(new URLSearchParams(location.search).get("open"));
	return open > 0 ? <One key={open} id={open} /> : <All />;
}

/** Does it, shows it everywhere, and says what went wrong. */
async function done(act: () => Promise<unknown>): Promise<boolean> {
	try {
		await act();
		libraryEdition.value++;
		return true;
	} catch (cause) {
		complain(cause);
		return false;
	}
}

/* ---- all */

function All() {
	const answer = useAnswer(getCollections, [libraryEdition.value]);
	const list = answer.value?.items ?? [];
	return (
		<div class={shelf.room} style={{ padding: 0 }}>
			<Head title="Library">{list.length > 0 && many(list.length, "collection")}</Head>
			<Tabs here="/library/collections" />
			<div class={shelf.room}>
				<p class={shelf.lead}>
					A collection is a list of titles under a name: by hand in an order of your own, or smart, by a filter that is asked anew each time. A channel can air one.
				</p>
				{!answer.value && <p class={shelf.none}>{answer.trouble || "Looking."}</p>}
				{list.length > 0 && (
					<ul class={css.all}>
						{list.map((one) => (
							<li key={one.id}>
								<a href={`/library/collections?open=${one.id}`}>
									<b dir="auto">{one.name}</b>
									<span class={css.dim}>{[many(one.items, "title"), one.smart ? "smart" : "by hand"].join(" · ")}</span>
									{one.filter && <code>{one.filter}</code>}
									{one.notes && <span class={css.dim} dir="auto">{one.notes}</span>}
								</a>
							</li>
						))}
					</ul>
				)}
				{answer.value && <New first={list.length === 0} />}
			</div>
		</div>
	);
}

function New({ first }: { first: boolean }) {
	const [name, setName] = useState("");
	const [smart, setSmart] = useState(false);
	const [filter, setFilter] = useState("");
	const make = async (event: Event) => {
		event.preventDefault();
		let made: Collection | null = null;
		if (await done(async () => (made = await addCollection(smart ? { name: name.trim(), filter } : { name: name.trim() })))) go(`/library/collections?open=${made!.id}`);
	};
	return (
		<form class={css.form} onSubmit={make}>
			<h2>{first ? "Make the first one" : "One more"}</h2>
			<label class={ui.field}>
				<span class={ui.name}>Name</span>
				<input type="text" maxLength={200} placeholder="Late night" value={name} onInput={(event) => setName(event.currentTarget.value)} />
			</label>
			<fieldset class={css.choice}>
				<legend class={ui.name}>What belongs to it</legend>
				<label><input type="radio" name="sort" checked={!smart} onChange={() => setSmart(false)} /> <span>Titles that I put in</span></label>
				<label><input type="radio" name="sort" checked={smart} onChange={() => setSmart(true)} /> <span>All that passes a filter</span></label>
			</fieldset>
			{smart && <FilterBox id="collection-filter" label="Filter" placeholder="year:1970..1979 -tag:war" text={filter} change={setFilter} trouble="" />}
			<div class={ui.acts}><button class={ui.main} disabled={!name.trim() || (smart && !filter.trim())}>Make it</button></div>
		</form>
	);
}

/* ---- one */

function One({ id }: { id: number }) {
	const answer = useAnswer((signal) => getCollection(id, signal), [id, libraryEdition.value]);
	const one = answer.value;
	useEffect(() => {
		if (one) document.title = `${one.name} · Matinee`;
	}, [one?.name]);
	return (
		<div class={shelf.room} style={{ padding: 0 }}>
			<Head title="Library">
				<a class={css.back} href="/library/collections"><Icon name="arrow-left" /> All collections</a>
			</Head>
			<Tabs here="/library/collections" />
			<div class={shelf.room}>{one ? <Detail one={one} /> : <p class={shelf.none}>{answer.absent ? "There is no such collection any more." : answer.trouble || "Looking."}</p>}</div>
		</div>
	);
}

function Detail({ one }: { one: Collection }) {
	const [editing, setEditing] = useState(false);
	const list = usePaged((offset, signal) => getCollected(one.id, offset, signal), [one.id, libraryEdition.value]);
	const items = list.value?.items ?? [];
	const asked = `collection:${quote(one.name)}`;
	const remove = async () => {
		const ids = items.map((item) => item.id);
		if (!(await done(() => removeCollection(one.id)))) return;
		go("/library/collections");
		tell(`${one.name} is gone; its titles stay.`, async () => {
			const back = await addCollection({ name: one.name, filter: one.filter, notes: one.notes });
			if (!one.smart && ids.length) await collect(back.id, { add: ids });
			libraryEdition.value++;
		});
	};
	return (
		<>
			<h1 class={css.name} dir="auto">{one.name}</h1>
			<p class={css.dim}>{[many(one.items, "title"), one.smart ? "smart: what passes its filter" : "by hand, in this order"].join(" · ")}</p>
			{one.filter && <Chips text={one.filter} change={(filter) => filter.trim() ? done(() => changeCollection(one.id, { filter })) : tell("A smart collection needs a filter.")} />}
			{one.notes && <p class={css.notes} dir="auto">{one.notes}</p>}
			<div class={`${ui.acts} ${css.acts}`}>
				<button class={ui.plain} aria-expanded={editing} onClick={() => setEditing(!editing)}>Change</button>
				<a class={ui.plain} href={`/library?${new URLSearchParams({ q: asked })}`}>Show among all titles</a>
				<button class={ui.danger} onClick={remove}>Remove the collection</button>
			</div>
			{editing && <Edit one={one} close={() => setEditing(false)} />}
			{list.value && items.length === 0 && (
				<p class={shelf.none}>
					{one.smart ? "Nothing passes its filter now." : <>Nothing is in it yet. Choose titles in the <a class={ui.link} href="/library">library</a> and press <i>Collect</i>.</>}
				</p>
			)}
			<ol class={css.items} aria-label={`Titles of ${one.name}`}>
				{items.map((item, at) => <Line key={item.id} one={one} item={item} at={at} last={at === one.items - 1} />)}
			</ol>
			{list.partial && <p class={ui.acts}><button class={ui.plain} disabled={list.asking} onClick={list.more}>More</button></p>}
		</>
	);
}

function Line({ one, item, at, last }: { one: Collection; item: Item; at: number; last: boolean }) {
	const [title, sub] = titleOf(item);
	const name = item.episode_title ?? title;
	const move = (to: number) => done(() => collect(one.id, { move: { item: item.id, to } }));
	const out = async () => {
		if (!(await done(() => collect(one.id, { remove: [item.id] })))) return;
		tell(`${name} is out of ${one.name}.`, async () => {
			await collect(one.id, { add: [item.id], move: { item: item.id, to: at + 1 } });
			libraryEdition.value++;
		});
	};
	const key = (event: KeyboardEvent) => {
		if (!event.altKey || one.smart || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
		event.preventDefault();
		void move(event.key === "ArrowUp" ? Math.max(1, at) : at + 2);
	};
	return (
		<li onKeyDown={key}>
			{!one.smart && <b class={css.place}>{at + 1}</b>}
			<a href={`/library/${item.id}`} title={one.smart ? undefined : "Alt and an arrow move it"}>
				<Picture class={css.thumb!} src={pictureOf(item)} hue={(item.id * 47) % 360} mark={title.charAt(0)} />
				<span class={css.what}>
					<span dir="auto">{title}</span>
					<span class={css.dim} dir="auto">{[sub || kindWord(item.kind), item.year].filter(Boolean).join(" · ")}</span>
				</span>
			</a>
			{!one.smart && (
				<span class={css.order}>
					<button aria-label={`${name}: one up`} disabled={at === 0} onClick={() => move(at)}><Icon name="chevron-up" /></button>
					<button aria-label={`${name}: one down`} disabled={last} onClick={() => move(at + 2)}><Icon name="chevron-down" /></button>
					<button aria-label={`Take ${name} out`} onClick={out}><Icon name="x" /></button>
				</span>
			)}
		</li>
	);
}

function Edit({ one, close }: { one: Collection; close: () => void }) {
	const [name, setName] = useState(one.name);
	const [notes, setNotes] = useState(one.notes);
	const [filter, setFilter] = useState(one.filter ?? "");
	const save = async (event: Event) => {
		event.preventDefault();
		const wish: CollectionWish = { name: name.trim(), notes };
		if (one.smart) wish.filter = filter;
		if (await done(() => changeCollection(one.id, wish))) close();
	};
	return (
		<form class={css.form} onSubmit={save}>
			<label class={ui.field}>
				<span class={ui.name}>Name</span>
				<input type="text" maxLength={200} value={name} onInput={(event) => setName(event.currentTarget.value)} />
				<span class={ui.hint}>Filters and channels that say the old name have to be changed, too.</span>
			</label>
			{one.smart && <FilterBox id="collection-filter" label="Filter" placeholder="year:1970..1979 -tag:war" text={filter} change={setFilter} trouble="" />}
			<label class={ui.field}>
				<span class={ui.name}>Notes</span>
				<textarea value={notes} onInput={(event) => setNotes(event.currentTarget.value)} />
			</label>
			<div class={ui.acts}>
				<button class={ui.main} disabled={!name.trim() || (one.smart && !filter.trim())}>Keep</button>
				<button type="button" class={ui.plain} onClick={close}>Leave it</button>
			</div>
		</form>
	);
}
