/* station.tsx - Station: what shall be on? Every channel with what it plays, in words; the way to a new one. Channels
 * that are switched off are here too. Not here: one channel (editor.tsx). */
import { useState } from "preact/hooks";
import { getChannels, getRules, type Channel } from "../../api.ts";
import { useAnswer } from "../../lib/ask.ts";
import { useParts } from "../../lib/paged.ts";
import { isIdle } from "../../lib/programme.ts";
import { isLong, many } from "../../lib/words.ts";
import { guideEdition } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { Head } from "../../ui/head.tsx";
import { Icon } from "../../ui/icon.tsx";
import { rulesWord } from "./rules.ts";
import css from "./station.module.css";

const STATES = { ready: "on the air", building: "being made", empty: "nothing to play", off: "off" } as const;

/** So many lines are drawn at once; from twice FEW on they can be searched. */
const PART = 60;
const FEW = 12;

const inOrder = async () => (await getChannels()).items.toSorted((a, b) => a.number - b.number);

export function Station() {
	const list = useAnswer(inOrder, [guideEdition.value]);
	const [text, setText] = useState("");
	const word = text.trim().toLowerCase();
	const found = (list.value ?? []).filter((channel) => !word || String(channel.number).startsWith(word) || channel.name.toLowerCase().includes(word));
	const parts = useParts("station", found.length, PART);
	return (
		<>
			<Head title="Station">{list.value && list.value.length > 0 && many(list.value.length, "channel")}</Head>
			<div class={css.room}>
				<div class={css.new}>
					<a class={ui.main} data-first="" href="/station/new"><Icon name="plus" /> New channel</a>
					{list.value && list.value.length > 2 * FEW && (
						<label class={ui.field}><input type="search" aria-label="Find a channel" placeholder="Number or name" autoComplete="off" value={text} onInput={(event) => setText(event.currentTarget.value)} /></label>
					)}
				</div>
				{list.trouble && !list.value && <p class={ui.wrong}>{list.trouble}</p>}
				{list.value?.length === 0 && <p class={css.none}>No channel yet. Make one: a name and what it plays is enough.</p>}
				{word && found.length === 0 && <p class={css.none}>No channel is called that.</p>}
				<ul class={css.list}>{found.slice(0, parts.shown).map((channel) => <Line key={channel.id} channel={channel} />)}</ul>
				{parts.rest && <p ref={parts.end} class={css.none}>{many(found.length - parts.shown, "more channel")}.</p>}
			</div>
		</>
	);
}

function Line({ channel }: { channel: Channel }) {
	const rules = useAnswer((signal) => getRules(channel.id, signal), [guideEdition.value]).value?.schedule;
	return (
		<li class={`hue ${channel.enabled ? "" : css.off}`} style={{ "--hue": String(channel.hue) }}>
			<a class={css.one} href={`/station/${channel.id}`}>
				<b data-long={isLong(channel.number)}>{channel.number}</b>
				<span class={css.what}>
					<span class={css.name} dir="auto">{channel.name}</span>
					<span class={css.rules}>{(rules ? rulesWord(rules) : channel.description) || "\u00a0"}</span>
				</span>
				<span class={css.state}>{STATES[isIdle(channel.now, channel.next) ? "empty" : channel.state]}</span>
				<span class={css.profile}>{channel.profile}</span>
			</a>
			<a class={`${ui.plain} ${ui.small}`} href={`/station/new?like=${channel.id}`} aria-label={`Another like it: ${channel.name}`}><Icon name="copy" /> <span>Another like it</span></a>
		</li>
	);
}
