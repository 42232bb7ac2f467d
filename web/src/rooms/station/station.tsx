/* station.tsx - Station: what shall be on? Every channel with what it plays, in words; the way to a new one. Channels
 * that are switched off are here too. Not here: one channel (editor.tsx). */
import { getChannels, getRules, type Channel, type Rules } from "../../api.ts";
import { useAnswer } from "../../lib/ask.ts";
import { many } from "../../lib/words.ts";
import { guideEdition } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { Head } from "../../ui/head.tsx";
import { Icon } from "../../ui/icon.tsx";
import { rulesWord } from "./rules.ts";
import css from "./station.module.css";

async function everything(): Promise<{ channel: Channel; rules: Rules | null }[]> {
	const list = (await getChannels()).items.toSorted((a, b) => a.number - b.number);
	/* The rules of the first hundred; a line whose rules are not known says its description. */
	const rules = await Promise.all(list.slice(0, 100).map((channel) => getRules(channel.id).then((answer) => answer.schedule, () => null)));
	return list.map((channel, i) => ({ channel, rules: rules[i] ?? null }));
}

const STATES = { ready: "on the air", building: "being made", empty: "nothing to play", off: "off" } as const;

export function Station() {
	const list = useAnswer(everything, [guideEdition.value]);
	return (
		<>
			<Head title="Station">{list.value && many(list.value.length, "channel")}</Head>
			<div class={css.room}>
				<p class={css.new}><a class={ui.main} data-first="" href="/station/new"><Icon name="plus" /> New channel</a></p>
				{list.trouble && !list.value && <p class={ui.wrong}>{list.trouble}</p>}
				{list.value?.length === 0 && <p class={css.none}>No channel yet. Make one: a name and what it plays is enough.</p>}
				<ul class={css.list}>
					{list.value?.map(({ channel, rules }) => (
						<li key={channel.id} class={`hue ${channel.enabled ? "" : css.off}`} style={{ "--hue": String(channel.hue) }}>
							<a class={css.one} href={`/station/${channel.id}`}>
								<b>{channel.number}</b>
								<span class={css.what}>
									<span class={css.name}>{channel.name}</span>
									<span class={css.rules}>{rules ? rulesWord(rules) : channel.description}</span>
								</span>
								<span class={css.state}>{STATES[channel.state]}</span>
								<span class={css.profile}>{channel.profile}</span>
							</a>
							<a class={`${ui.plain} ${ui.small}`} href={`/station/new?like=${channel.id}`} aria-label={`A new channel like ${channel.name}`}><Icon name="copy" /> <span>Another like it</span></a>
						</li>
					))}
				</ul>
			</div>
		</>
	);
}
