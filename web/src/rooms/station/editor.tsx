/* editor.tsx - one channel, new or known: who it is, what it plays, how it goes on the air; what that finds and what the
 * next hours will be. Saving and removing are here; the fields of the form are in form.tsx. */
import { useEffect, useState } from "preact/hooks";
import { addChannel, cancelJob, changeChannel, getChannels, getRules, prepareChannel, removeChannel, type Channel, type ChannelWish } from "../../api.ts";
import { useAnswer } from "../../lib/ask.ts";
import { useKept } from "../../lib/kept.ts";
import { watchPath, go } from "../../router.ts";
import { refreshChannels } from "../../station.ts";
import { ask } from "../../ui/ask.tsx";
import ui from "../../ui/controls.module.css";
import { Head } from "../../ui/head.tsx";
import { Icon } from "../../ui/icon.tsx";
import { complain, tell } from "../../ui/toast.tsx";
import { Form, type Draft } from "./form.tsx";
import { Matches } from "./matches.tsx";
import { FRESH } from "./rules.ts";
import { Strip } from "./strip.tsx";
import css from "./station.module.css";

function wishOf(draft: Draft): ChannelWish {
	const { id: _, ...wish } = draft;
	return { ...wish, name: draft.name.trim() };
}

async function draftOf(channels: Channel[], id: number): Promise<Draft | null> {
	const channel = channels.find((one) => one.id === id);
	if (!channel) return null;
	const { number, name, hue, enabled } = channel;
	const { schedule } = await getRules(id);
	return { id, number, name, hue, enabled, description: channel.description ?? "", profile: channel.profile ?? "720p", prepare: channel.prepare ?? "watched", schedule };
}

/** The number after the last, and the hue farthest from what its neighbours have. */
function fresh(channels: Channel[], like: Draft | null): Draft {
	const number = Math.max(0, ...channels.map((channel) => channel.number)) + 1;
	const base = like ?? { description: "", enabled: true, profile: "720p", prepare: "watched" as const, schedule: FRESH };
	return { ...base, id: null, name: "", number, hue: (number * 137) % 360 };
}

export function Editor({ id }: { id: number | null }) {
	const like = id === null ? Number(new URLSearchParams(location.search).get("like")) || null : null;
	const known = useAnswer(async () => {
		const channels = (await getChannels()).items;
		const found = id !== null || like !== null ? await draftOf(channels, (id ?? like)!) : null;
		return { channels, draft: id === null ? fresh(channels, found) : found };
	}, [id, like]);
	return (
		<>
			<Head title={id === null ? "New channel" : (known.value?.draft?.name ?? "Channel")}>
				<a class={css.back} href="/station"><Icon name="arrow-left" /> All channels</a>
			</Head>
			{known.value?.draft && <Desk key={known.value.draft.id ?? "new"} channels={known.value.channels} known={known.value.draft} />}
			{known.value && !known.value.draft && <p class={css.room}>There is no such channel any more.</p>}
			{known.trouble && !known.value && <p class={css.room}>{known.trouble}</p>}
		</>
	);
}

function Desk({ channels, known }: { channels: Channel[]; known: Draft }) {
	const [saved, setSaved] = useState(known);
	const [draft, keep, forget] = useKept(`channel ${known.id ?? `new ${location.search}`}`, known);
	const [busy, setBusy] = useState(false);
	const [fault, setFault] = useState("");
	const id = saved.id;
	const taken = channels.find((channel) => channel.number === draft.number && channel.id !== id);
	const setDraft = (next: Draft) => (JSON.stringify(next) === JSON.stringify(saved) ? forget(next) : keep(next));
	const changed = JSON.stringify(draft) !== JSON.stringify(saved);
	const ready = draft.name.trim() !== "" && !taken && !fault && (id === null || changed);

	/* Leaving with something unsaved asks, as far as a browser lets a page ask. */
	useEffect(() => {
		if (!changed || id === null) return;
		const hold = (event: BeforeUnloadEvent) => event.preventDefault();
		addEventListener("beforeunload", hold);
		return () => removeEventListener("beforeunload", hold);
	}, [changed]);

	const attempt = async (what: () => Promise<void>) => {
		setBusy(true);
		try {
			await what();
			refreshChannels();
		} catch (cause) {
			complain(cause);
		}
		setBusy(false);
	};
	const save = (event: Event) => {
		event.preventDefault();
		if (!ready || busy) return;
		void attempt(async () => {
			if (id === null) {
				const made = await addChannel(wishOf(draft));
				forget(draft);
				go(`/station/${made.id}`, true);
				tell(`${made.number} ${made.name} is a channel. It comes on the air by itself.`, async () => {
					await removeChannel(made.id);
					refreshChannels();
					go("/station", true);
				});
			} else {
				const before = saved;
				await changeChannel(id, wishOf(draft));
				setSaved(draft);
				forget(draft);
				tell("Saved. What is on in ten minutes or later follows the new rules.", async () => {
					await changeChannel(id, wishOf(before));
					setSaved(before);
					forget(before);
					refreshChannels();
				});
			}
		});
	};
	const remove = async () => {
		if (id === null || !(await ask(`Remove ${saved.number} ${saved.name}?`, "Its rules, its guide and whose turn it is go with it; the titles stay in the library. Switching it off keeps all of that.", "Remove the channel"))) return;
		void attempt(async () => {
			await removeChannel(id);
			forget(saved);
			go("/station", true);
			tell(`${saved.name} is gone.`, async () => {
				await addChannel(wishOf(saved));
				refreshChannels();
			});
		});
	};
	return (
		<div class={css.editor}>
			<form class={css.form} onSubmit={save}>
				<Form draft={draft} change={setDraft} fault={fault} taken={taken ?? null} fresh={id === null} />
				<div class={css.save}>
					<button class={ui.main} disabled={!ready || busy}>{id === null ? "Put it on the air" : "Save"}</button>
					{id !== null && changed && <button type="button" class={ui.plain} onClick={() => forget(saved)}>As it was</button>}
					{id !== null && !changed && saved.enabled && <a class={ui.plain} href={watchPath(saved.number)}><Icon name="play" fill /> Watch</a>}
					{id !== null && <button type="button" class={ui.danger} disabled={busy} onClick={remove}>Remove</button>}
				</div>
			</form>
			<div class={css.side}>
				<Matches query={draft.schedule.query} hue={draft.hue} fault={setFault} />
			</div>
			{id !== null && saved.enabled && (
				<section class={css.hours} aria-label="The next hours">
					<div class={css.hoursHead}>
						<h2 class={ui.title}>The next hours</h2>
						<Ahead id={id} />
					</div>
					<Strip id={id} hue={draft.hue} />
				</section>
			)}
		</div>
	);
}

const HOURS_AHEAD = 3;

/** Has the pictures of the next hours made now, so that they are there at once. */
function Ahead({ id }: { id: number }) {
	const [busy, setBusy] = useState(false);
	const prepare = async () => {
		setBusy(true);
		try {
			const { job } = await prepareChannel(id, HOURS_AHEAD);
			tell(`The next ${HOURS_AHEAD} hours are being made; Activity says how far it is.`, () => cancelJob(job));
		} catch (cause) {
			complain(cause);
		}
		setBusy(false);
	};
	return <button class={`${ui.plain} ${ui.small}`} disabled={busy} onClick={prepare}>Make the next {HOURS_AHEAD} hours now</button>;
}
