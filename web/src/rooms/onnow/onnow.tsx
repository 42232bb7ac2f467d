/* onnow.tsx - On now: what can I watch? A wall of channels; the first tile is the big one and plays, muted; a tile
 * under the pointer or the focus plays in its stead. A station of few channels has room to say what comes later. */
import { useState } from "preact/hooks";
import type { Channel } from "../../api.ts";
import { now } from "../../clock.ts";
import { useParts } from "../../lib/paged.ts";
import { breakLine, isIdle, quietLine, subline, UNHEARD } from "../../lib/programme.ts";
import { clockWord, leftWord, many } from "../../lib/words.ts";
import { calm, lastChannel } from "../../prefs.ts";
import { airing, alertOn, channels, line, onAir } from "../../station.ts";
import { Bar } from "../../ui/bar.tsx";
import { Head } from "../../ui/head.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Picture } from "../../ui/picture.tsx";
import { Preview } from "../../ui/preview.tsx";
import { LaterList } from "./laterlist.tsx";
import { Welcome } from "./welcome.tsx";
import css from "./onnow.module.css";

/** So many tiles are drawn at once. */
const PART = 60;

export function OnNow() {
	const list = channels.value;
	const [chosen, choose] = useState<number | null>(null);
	const parts = useParts("wall", list?.length ?? 0, PART);
	if (list && list.length === 0) return <Welcome />;
	const favourite = lastChannel();
	const playable = list?.filter((channel) => channel.state === "ready") ?? [];
	const big = playable.find((channel) => channel.number === favourite) ?? playable[0] ?? list?.[0];
	const rest = list?.filter((channel) => channel !== big) ?? [];
	const few = list && list.length <= 5 ? list.length : 0;
	const spoken = list?.find((channel) => channel.id === chosen && channel.state === "ready") ?? big;
	return (
		<>
			<Head title="On now">
				{list && list.length > 1 && <>{many(list.length, "channel")}. <span class={css.typed}>Type a number to tune. </span></>}
				<a class={css.elsewhere} href="/screens">Other screens</a>
			</Head>
			<ul class={`${css.wall} ${few ? css[`few${few}`] : ""}`} onMouseLeave={() => choose(null)}>
				{big && <Tile key={big.id} channel={big} big live={chosen === null || chosen === big.id} choose={choose} />}
				{rest.slice(0, parts.shown).map((channel) => (
					<Tile key={channel.id} channel={channel} live={chosen === channel.id} choose={choose} />
				))}
				{few > 0 && spoken && <LaterList channel={spoken} strip={few === 3 || few === 5} />}
				{!list && line.value !== "lost" && Array.from({ length: 9 }, (_, i) => <li key={i} class={`${css.tile} ${css.ghost} ${i === 0 ? css.big : ""}`} aria-hidden="true"><div /></li>)}
			</ul>
			{parts.rest && <p ref={parts.end} class={css.silence}>{many(list!.length - parts.shown, "more channel")}.</p>}
			{!list && line.value === "lost" && (
				<p class={css.silence}>
					The station does not answer. If you have stopped it, start it again with <code>matinee serve</code>; this page comes back by itself.
				</p>
			)}
		</>
	);
}

interface TileProps {
	channel: Channel;
	big?: boolean;
	live: boolean;
	choose: (id: number | null) => void;
}

function Tile({ channel, big, live, choose }: TileProps) {
	const t = now.value;
	const [playing, setPlaying] = useState(false);
	const { now: programme, next } = airing(channel, t);
	const alert = alertOn(channel.id, t);
	const on = alert ? "Alert on the air" : programme ? breakLine(onAir(channel, t)) : "";
	const idle = isIdle(programme, next);
	const quiet = idle ? quietLine({ state: "empty" }) : programme ? null : line.value === "lost" ? UNHEARD : quietLine(channel);
	const ready = channel.state === "ready" && programme && !idle;
	const delay = big ? (calm() ? 1e9 : 1_200) : 700;
	return (
		<li class={`hue ${css.tile} ${big ? css.big : ""}`} style={{ "--hue": String(channel.hue) }}>
			<a
				href={`/watch/${channel.number}`}
				data-first={big ? "" : undefined}
				onMouseEnter={() => choose(channel.id)}
				onFocus={() => choose(channel.id)}
				onBlur={() => choose(null)}
			>
				<div class={css.screen}>
					<Picture src={programme?.thumbnail} hue={channel.hue} mark={String(channel.number)} {...(big && { eager: true })} />
					{live && ready && <Preview url={channel.stream} delay={delay} onLive={setPlaying} />}
					<span class={css.number}>{channel.number}</span>
					{playing && live && <span class={css.live}>Live</span>}
					{alert && <span class={css.alert}><Icon name="megaphone" /><span>{alert.text}</span></span>}
					{programme && !idle && <div class={css.progress}><Bar start={programme.start} end={programme.end} /></div>}
				</div>
				<div class={css.text}>
					<div class={css.over}>
						<span class={css.name} dir="auto">{channel.name}</span>
						{programme && (!idle || alert) && <span>{on || leftWord(Date.parse(programme.end), t)}</span>}
					</div>
					<h2 class={css.title} dir="auto">{quiet?.title ?? programme?.title}</h2>
					{big && programme && <p class={css.sub} dir="auto">{subline(programme)}</p>}
					{quiet && <p class={css.next}>{quiet.help}</p>}
					{!quiet && next && (
						<p class={css.next}>
							<time>{clockWord(Date.parse(next.start))}</time> <bdi>{next.title}</bdi>
						</p>
					)}
					{big && ready && (
						<span class={css.watch}>
							<Icon name="play" fill /> Watch
						</span>
					)}
				</div>
			</a>
		</li>
	);
}
