/* item.tsx - one title: what it is, how it looks and sounds, where it lies, when it is on; the original, played. */
import { useEffect, useRef, useState } from "preact/hooks";
import { pictureOf, ApiError, fileUrl, getItem, type Item, type ItemDetail, type MediaFile } from "../../api.ts";
import { now } from "../../clock.ts";
import { channelsWord, clockWord, codecWord, dayWord, episodeWord, kindWord, lengthWord, many, pictureWord, sizeWord, timecode, whenWord } from "../../lib/words.ts";
import { go, visits } from "../../router.ts";
import { byNumber, libraryEdition } from "../../station.ts";
import { Head } from "../../ui/head.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Picture } from "../../ui/picture.tsx";
import { titleOf } from "./title.ts";
import css from "./item.module.css";

export function ItemRoom({ id }: { id: number }) {
	const [item, setItem] = useState<ItemDetail | null>(null);
	const [trouble, setTrouble] = useState("");
	const edition = libraryEdition.value;
	useEffect(() => {
		const abort = new AbortController();
		getItem(id, abort.signal).then(
			(found) => {
				setItem(found);
				setTrouble("");
			},
			(cause: unknown) => !abort.signal.aborted && setTrouble(cause instanceof ApiError ? (cause.status === 404 ? "Nothing in the library has this number any more." : cause.message) : String(cause)),
		);
		return () => abort.abort();
	}, [id, edition]);
	useEffect(() => {
		if (item) document.title = `${titleOf(item)[0]} · Matinee`;
	}, [item]);
	return (
		<>
			<Head title="Library">
				<button class={css.back} onClick={() => (visits > 0 ? history.back() : go("/library"))}>
					<Icon name="arrow-left" /> All titles
				</button>
			</Head>
			{item ? <Detail item={item} /> : trouble ? (
				<p class={css.trouble}>{trouble}</p>
			) : (
				<div class={css.item} aria-hidden="true">
					<div class={css.top}><div class={css.ghost} /></div>
				</div>
			)}
		</>
	);
}

function Detail({ item }: { item: ItemDetail }) {
	const [title, sub] = titleOf(item);
	const file = item.files[0];
	const facts = [kindWord(item.kind), item.year, item.duration_ms ? lengthWord(item.duration_ms) : "", pictureWord(item.width, item.height)].filter(Boolean);
	return (
		<article class={css.item}>
			<div class={css.top}>
				<Original item={item} playable={item.state !== "missing" && item.files.length > 0} />
				<div class={css.text}>
					<h1>{title}</h1>
					{sub && <p class={css.sub}>{sub}</p>}
					<p class={css.facts}>{facts.join(" · ")}</p>
					{item.state === "missing" && <p class={css.warn}>The file is gone from its folder. Its place is kept until it comes back.</p>}
					{item.state === "failed" && <p class={css.warn}>It can't be played, so it is kept off the air. {file?.error && `Reason: ${file.error}.`}</p>}
					{item.state === "new" && <p class={css.warn}>Found, and not looked into yet.</p>}
					<Airings item={item} />
				</div>
			</div>
			{item.episodes && item.episodes.length > 0 && <Episodes episodes={item.episodes} />}
			<div class={css.columns}>
				{item.files.map((f) => (
					<FileFacts key={f.id} file={f} />
				))}
				{item.markers.length > 0 && (
					<section>
						<h2>Chapters and break points</h2>
						<table class={css.table}>
							<tbody>
								{item.markers.map((marker) => (
									<tr key={marker.id}>
										<td class="mono">{timecode(marker.start_ms, file?.fps ?? undefined)}</td>
										<td>{marker.title ?? (marker.kind === "chapter" ? "Chapter" : marker.kind === "break" ? "Break" : kindWord(marker.kind))}</td>
									</tr>
								))}
							</tbody>
						</table>
					</section>
				)}
			</div>
		</article>
	);
}

function Episodes({ episodes }: { episodes: Item[] }) {
	return (
		<section class={css.episodes}>
			<h2>{many(episodes.length, "episode")}</h2>
			<ul>
				{episodes.map((episode) => (
					<li key={episode.id}>
						<a href={`/library/${episode.id}`}>
							<Picture class={css.epThumb ?? ""} src={episode.thumbnail} hue={(episode.id * 47) % 360} mark={String(episode.episode ?? "")} />
							<span class={css.epTitle}>{episode.episode_title ?? episode.title}</span>
							<span class={css.when}>{[episodeWord(episode.season, episode.episode), episode.duration_ms ? lengthWord(episode.duration_ms) : ""].filter(Boolean).join(" · ")}</span>
						</a>
					</li>
				))}
			</ul>
		</section>
	);
}

/** The original in the browser's own player; most browsers play MP4 and WebM, not every MKV or MPEG-2. */
function Original({ item, playable }: { item: ItemDetail; playable: boolean }) {
	const [playing, setPlaying] = useState(false);
	const [refused, setRefused] = useState(false);
	const video = useRef<HTMLVideoElement>(null);
	useEffect(() => {
		if (playing) video.current?.focus();
	}, [playing]);
	return (
		<div class={css.screen}>
			{playing && !refused ? (
				<video ref={video} class={css.video} src={fileUrl(item.id)} controls autoplay playsInline poster={item.thumbnail ?? undefined} onError={() => setRefused(true)} onLoadedMetadata={(event) => event.currentTarget.videoWidth === 0 && item.width && setRefused(true)} />
			) : (
				<>
					<Picture src={item.kind === "show" ? (item.episodes?.[0]?.thumbnail ?? pictureOf(item)) : item.thumbnail} hue={(item.id * 47) % 360} mark={titleOf(item)[0].charAt(0)} eager />
					{playable && !refused && (
						<button class={css.play} data-first="" onClick={() => setPlaying(true)}>
							<Icon name="play" fill /> Play
						</button>
					)}
					{refused && (
						<p class={css.refused} role="status">
							This browser can't play {codecWord(item.video_codec) || "this file"} as it is. <a href={fileUrl(item.id)} download>Take the file</a>, or open its address in VLC or mpv.
						</p>
					)}
				</>
			)}
		</div>
	);
}

function Airings({ item }: { item: ItemDetail }) {
	const t = now.value;
	const coming = (item.airings ?? []).filter((airing) => Date.parse(airing.end) > t).sort((a, b) => Date.parse(a.start) - Date.parse(b.start)).slice(0, 5);
	if (coming.length === 0) return item.kind === "show" ? null : <p class={css.quiet}>Not on any channel in the coming days.</p>;
	return (
		<section class={css.airings}>
			<h2>On the air</h2>
			<ul>
				{coming.map((airing) => {
					const start = Date.parse(airing.start);
					const live = start <= t;
					const channel = byNumber.value.get(airing.number);
					return (
						<li key={`${airing.channel}-${airing.start}`} class="hue" style={{ "--hue": String(channel?.hue ?? 38) }}>
							<a href={`/watch/${airing.number}`}>
								<b>{airing.number}</b> <span>{channel?.name ?? "Channel"}</span>
								<span class={live ? css.live : css.when}>{live ? "on now" : start - t < 3_600_000 ? whenWord(start, t) : `${dayWord(start, t)} ${clockWord(start)}`}</span>
							</a>
						</li>
					);
				})}
			</ul>
		</section>
	);
}

function FileFacts({ file }: { file: MediaFile }) {
	const rows: [string, string][] = [
		["Picture", [codecWord(file.video_codec), file.width && `${file.width} × ${file.height}`, file.fps && `${Number(file.fps.toFixed(3))} frames a second`, file.interlaced && "interlaced"].filter(Boolean).join(", ")],
		["Sound", [codecWord(file.audio_codec), channelsWord(file.audio_channels)].filter(Boolean).join(", ")],
		["Length", file.duration_ms ? timecode(file.duration_ms, file.fps ?? undefined) : ""],
		["Size", [sizeWord(file.size), file.bit_rate && `${(file.bit_rate / 1e6).toFixed(1)} Mbit/s`].filter(Boolean).join(", ")],
		["Container", file.container ?? ""],
		["Tracks", (file.streams ?? []).filter((s) => s.type === "audio" || s.type === "subtitle").map((s) => [s.type === "audio" ? "sound" : "subtitles", s.language, codecWord(s.codec), channelsWord(s.channels)].filter(Boolean).join(" ")).join(", ")],
		["Changed", file.mtime ? new Date(file.mtime).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" }) : ""],
	];
	return (
		<section>
			<h2>File</h2>
			<p class={css.path}><code>{file.path}</code></p>
			<dl class={css.dl}>
				{rows.filter(([, value]) => value).map(([name, value]) => (
					<div key={name}>
						<dt>{name}</dt>
						<dd>{value}</dd>
					</div>
				))}
			</dl>
			{file.error && <p class={css.warn}>{file.error}</p>}
		</section>
	);
}
