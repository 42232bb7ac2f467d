/* item.tsx - one title: what it is, how it looks and sounds, where it lies, when it is on; the original, played. What can be
 * changed stands in fields.tsx and markers.tsx, what was changed in history.tsx. */
import { useEffect, useRef, useState } from "preact/hooks";
import { pictureOf, ApiError, fileUrl, getItem, getJob, type Item, type ItemDetail, type MediaFile } from "../../api.ts";
import { validateItem } from "../../api_library.ts";
import { now } from "../../clock.ts";
import { channelsWord, clockWord, codecWord, containerWord, dayWord, episodeWord, kindWord, lengthWord, many, pictureWord, sizeWord, timecode, whenWord } from "../../lib/words.ts";
import { calm } from "../../prefs.ts";
import { go, visits } from "../../router.ts";
import { byNumber, libraryEdition } from "../../station.ts";
import ui from "../../ui/controls.module.css";
import { Head } from "../../ui/head.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Picture } from "../../ui/picture.tsx";
import { complain } from "../../ui/toast.tsx";
import { Collect } from "./collect.tsx";
import { Fields } from "./fields.tsx";
import { History } from "./history.tsx";
import { Markers } from "./markers.tsx";
import { Playhead } from "./playhead.tsx";
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
	const [playing, setPlaying] = useState(false);
	const video = useRef<HTMLVideoElement>(null);
	const wanted = useRef<number | null>(null);
	const real = item.kind !== "show" && item.kind !== "season";
	const show = (ms: number) => {
		if (video.current) {
			video.current.pause();
			video.current.currentTime = ms / 1000 + 0.001;
		} else {
			wanted.current = ms;
			setPlaying(true);
		}
		scrollTo({ top: 0, behavior: calm() ? "auto" : "smooth" });
	};
	const facts = [kindWord(item.kind), item.year, item.duration_ms ? lengthWord(item.duration_ms) : "", pictureWord(item.width, item.height)].filter(Boolean);
	return (
		<article class={css.item}>
			<div class={css.top}>
				<Original item={item} playable={item.state !== "missing" && item.files.length > 0} playing={playing} play={() => setPlaying(true)} video={video} wanted={wanted} />
				<div class={css.text}>
					<h1 dir="auto">{title}</h1>
					{sub && <p class={css.sub} dir="auto">{sub}</p>}
					<p class={css.facts}>{facts.join(" · ")}</p>
					{item.state === "missing" && <p class={css.warn}>The file is gone from its folder. Its place is kept until it comes back.</p>}
					{item.state === "failed" && <p class={css.warn}>It can't be played, so it is kept off the air. {file?.error && `Reason: ${file.error}.`}</p>}
					{item.state === "new" && <p class={css.warn}>Found, and not looked into yet.</p>}
					<Airings item={item} />
				</div>
			</div>
			{item.episodes && item.episodes.length > 0 && <Episodes episodes={item.episodes} />}
			<div class={css.columns}>
				<div class={css.column}>
					{real && <Markers item={item} fps={file?.fps ?? null} playhead={() => (video.current ? video.current.currentTime * 1000 : null)} show={show} />}
					{item.files.map((f) => (
						<FileFacts key={f.id} file={f} check={f === file ? item.id : null} />
					))}
				</div>
				<div class={css.column}>
					<Fields key={item.id} item={item} />
					<Within item={item} />
					{real && <History id={item.id} />}
				</div>
			</div>
		</article>
	);
}

/** The collections it is in, and one more. */
function Within({ item }: { item: ItemDetail }) {
	const [open, setOpen] = useState(false);
	return (
		<section>
			<div class={css.fileHead}>
				<h2>Collections</h2>
				<button class={`${ui.plain} ${ui.small}`} onClick={() => setOpen(true)}>Collect</button>
			</div>
			<p class={css.path}>
				{item.collections?.length ? item.collections.map((one, i) => <>{i > 0 && ", "}<a class={ui.link} key={one.id} href={`/library/collections?open=${one.id}`}>{one.name}</a></>) : "In none yet."}
			</p>
			{open && <Collect n={1} which={{ add: [item.id] }} close={() => setOpen(false)} />}
		</section>
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
interface OriginalProps {
	item: ItemDetail;
	playable: boolean;
	playing: boolean;
	play: () => void;
	video: { current: HTMLVideoElement | null };
	/** Where it shall begin, in ms, standing still; null: from the start, running. */
	wanted: { current: number | null };
}

function Original({ item, playable, playing, play, video, wanted }: OriginalProps) {
	const [refused, setRefused] = useState(false);
	useEffect(() => {
		if (playing && wanted.current === null) video.current?.focus();
	}, [playing]);
	const ready = (event: { currentTarget: HTMLVideoElement }) => {
		const v = event.currentTarget;
		if (v.videoWidth === 0 && item.width) return setRefused(true);
		if (wanted.current === null) return;
		v.pause();
		v.currentTime = wanted.current / 1000 + 0.001;
		wanted.current = null;
	};
	return (
		<div class={css.screen}>
			{playing && !refused ? (
				<>
					<video ref={video} class={css.video} src={fileUrl(item.id)} controls autoplay playsInline poster={item.thumbnail ?? undefined} onError={() => setRefused(true)} onLoadedMetadata={ready} />
					{item.files[0]?.fps && <Playhead video={video} fps={item.files[0].fps} />}
				</>
			) : (
				<>
					<Picture src={item.kind === "show" ? (item.episodes?.[0]?.thumbnail ?? pictureOf(item)) : item.thumbnail} hue={(item.id * 47) % 360} mark={titleOf(item)[0].charAt(0)} eager />
					{playable && !refused && (
						<button class={css.play} data-first="" onClick={play}>
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

/** Opens it, decodes start, middle and end, and says whether it is whole. */
function Check({ id }: { id: number }) {
	const [state, setState] = useState("");
	const check = async () => {
		setState("Checking.");
		try {
			const { job } = await validateItem(id);
			for (;;) {
				await new Promise((wake) => setTimeout(wake, 700));
				const now = await getJob(job);
				if (now.state === "queued" || now.state === "running") continue;
				setState(now.state === "done" ? (now.message ?? "Checked.") : (now.message ?? "It could not be checked."));
				libraryEdition.value++;
				return;
			}
		} catch (cause) {
			setState("");
			complain(cause);
		}
	};
	return (
		<>
			<span role="status">{state}</span>
			<button class={`${ui.plain} ${ui.small}`} disabled={state === "Checking."} onClick={check}>Check it</button>
		</>
	);
}

function FileFacts({ file, check }: { file: MediaFile; check: number | null }) {
	const rows: [string, string][] = [
		["Picture", [codecWord(file.video_codec), file.width && `${file.width} × ${file.height}`, file.fps && `${Number(file.fps.toFixed(3))} frames a second`, file.interlaced && "interlaced"].filter(Boolean).join(", ")],
		["Sound", [codecWord(file.audio_codec), channelsWord(file.audio_channels)].filter(Boolean).join(", ")],
		["Length", file.duration_ms ? timecode(file.duration_ms, file.fps ?? undefined) : ""],
		["Size", [sizeWord(file.size), file.bit_rate && `${(file.bit_rate / 1e6).toFixed(1)} Mbit/s`].filter(Boolean).join(", ")],
		["Container", containerWord(file.container)],
		["Tracks", (file.streams ?? []).filter((s) => s.type === "audio" || s.type === "subtitle").map((s) => [s.type === "audio" ? "sound" : "subtitles", s.language === "und" ? "" : s.language, codecWord(s.codec), channelsWord(s.channels)].filter(Boolean).join(" ")).join(", ")],
		["Checked", file.validation ? [(file.validation.problems ?? []).join("; ") || (file.validation.result === "ok" ? "whole" : file.validation.result), new Date(file.validation.checked).toLocaleDateString("en-GB", { day: "numeric", month: "long" })].join(", ") : ""],
		["Changed", file.mtime ? new Date(file.mtime).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" }) : ""],
	];
	return (
		<section>
			<div class={css.fileHead}>
				<h2>File</h2>
				{check && <Check id={check} />}
			</div>
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
