/* watch.tsx - Watch: the picture first; what it is; what is next; up and down; over again.
 *
 * The <video> stays while channels change under it. What is said of it is true of the instant that is seen, not of the
 * clock. The past is /watch/N?at=SECONDS: from that second on, one programme after the other. Not here: the stream itself (player.ts), the controls over the
 * picture (controls.tsx), what stands there while there is no picture (cover.tsx). */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Programme } from "../../api.ts";
import { now, time } from "../../clock.ts";
import { dialled, useKeys } from "../../keys.ts";
import { breakLine, isIdle, quietLine, subline } from "../../lib/programme.ts";
import { behindWord, clockWord, leftWord, whenWord } from "../../lib/words.ts";
import { startPlayback, type Picture as State, type Playback } from "../../player.ts";
import { recall, remember, rememberChannel } from "../../prefs.ts";
import { go, watchPath } from "../../router.ts";
import { alertOn, byNumber, channels, line, onAir } from "../../station.ts";
import { Clock } from "../../ui/head.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Others } from "./others.tsx";
import { Controls } from "./controls.tsx";
import { Cover, Flash } from "./cover.tsx";
import { seenProgramme } from "./seen.ts";
import { Seeker } from "./seeker.tsx";
import { inPicture, useFirstGesture, useMediaSession } from "./session.ts";
import { Soon } from "./soon.tsx";
import css from "./watch.module.css";

const IDLE = 2_800;
const SHORT = 30_000;
const LONG = 300_000;
/** A picture no later than this is live: three segments and the browser's own slowness. */
const LATE = 15_000;

/** The number of the channel `step` places on, round and round. */
function neighbour(number: number, step: 1 | -1): number | null {
	const numbers = (channels.value ?? []).map((channel) => channel.number);
	if (numbers.length === 0) return null;
	const at = numbers.indexOf(number);
	if (at >= 0) return numbers[(at + step + numbers.length) % numbers.length]!;
	return step > 0 ? (numbers.find((n) => n > number) ?? numbers[0]!) : (numbers.findLast((n) => n < number) ?? numbers.at(-1)!);
}

/** The instant that is to be seen, while there is no picture yet. */
const wanted = (from: number | null, clock: number) => (from === null ? clock : from * 1000);

export function Watch({ number, at }: { number: number; at: number | null }) {
	const clock = now.value;
	const channel = byNumber.value.get(number);
	const stage = useRef<HTMLDivElement>(null);
	const video = useRef<HTMLVideoElement>(null);
	const playback = useRef<Playback>(undefined);
	/** The address the playback is of. */
	const playing = useRef<string | null>(null);
	const [picture, setPicture] = useState<State>({ state: "waking" });
	const [flash, setFlash] = useState(false);
	const [idle, setIdle] = useState(false);
	const idleTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const touch = useRef<{ x: number; y: number } | null>(null);
	const click = useRef<ReturnType<typeof setTimeout>>(undefined);

	const missing = channels.value !== null && !channel;
	const quiet = channel && channel.state !== "ready" ? quietLine(channel) : null;
	const from = useMemo(() => (at !== null && at * 1000 < time() - LATE / 3 ? at : null), [number, at]);
	const url = missing || quiet ? null : from !== null ? `/channel/${number}/from/${from}.m3u8` : (channel?.stream ?? `/channel/${number}.m3u8`);

	const t = playing.current === url ? (playback.current?.seen() ?? wanted(from, clock)) : wanted(from, clock);
	const shown = useRef<Programme | null>(null);
	const known = channel ? seenProgramme(channel, t, shown.current) : { now: null, next: null };
	const behind = clock - t > LATE ? clock - t : 0;
	const empty = !behind && isIdle(known.now, known.next) ? quietLine({ state: "empty" }) : null;
	const { now: programme, next } = empty ? { now: null, next: null } : known;
	if (programme) shown.current = programme;

	useEffect(() => {
		rememberChannel(number);
		setFlash(true);
		const timer = setTimeout(() => setFlash(false), 120);
		return () => clearTimeout(timer);
	}, [number]);

	useLayoutEffect(() => {
		const v = video.current!;
		v.volume = Math.min(1, Math.max(0, Number(recall("volume") ?? 1)));
		v.muted = recall("sound") === "off";
	}, []);

	/* Before the next painting: asking for the stream comes first. */
	useLayoutEffect(() => {
		if (!url || !video.current) return;
		setPicture({ state: "waking" });
		playback.current = startPlayback(video.current, url, setPicture, from === null ? undefined : { ended: (instant) => watchFrom(instant, true) });
		playing.current = url;
		return () => {
			playback.current?.stop();
			playing.current = null;
		};
	}, [url]);

	useEffect(() => {
		if (line.value === "up") playback.current?.again();
	}, [line.value]);

	useEffect(() => {
		document.title = `${programme?.title ?? channel?.name ?? `Channel ${number}`} · Matinee`;
	}, [programme?.title, channel?.name, number]);

	const stir = () => {
		setIdle(false);
		clearTimeout(idleTimer.current);
		idleTimer.current = setTimeout(() => setIdle(true), IDLE);
	};
	useEffect(() => {
		stir();
		return () => clearTimeout(idleTimer.current);
	}, [number]);

	const zap = (step: 1 | -1) => {
		const to = neighbour(number, step);
		if (to !== null) go(`/watch/${to}`, true);
	};
	/* From that instant on; live where that is about now. */
	const watchFrom = (instant: number, replace: boolean) => {
		if (time() - instant < LATE) toLive();
		else if (!playback.current?.seek(instant)) go(watchPath(number, instant), replace);
		else playback.current.resume();
	};
	const toLive = () => {
		if (from !== null) go(watchPath(number), true);
		else playback.current?.toLive();
	};
	/** Why it cannot be started over; undefined: it can. */
	const noStart = programme?.catchup === false ? "Its beginning cannot be shown any more" : undefined;
	const startOver = () => programme && !noStart && watchFrom(Date.parse(programme.start), from !== null);
	const jump = (ms: number) => {
		const here = playback.current?.seen() ?? t;
		if (ms < 0 || from !== null) watchFrom(here + ms, true);
	};
	const pause = () => {
		const v = video.current!;
		if (!v.paused) playback.current?.pause();
		else if (from === null && behind) go(watchPath(number, t), true);
		else playback.current?.resume();
	};
	const mute = () => {
		const v = video.current!;
		v.muted = !v.muted;
		if (!v.muted && v.volume === 0) v.volume = 0.5;
		remember("sound", v.muted ? "off" : "on");
	};
	const volume = (value: number) => {
		const v = video.current!;
		v.volume = Math.min(1, Math.max(0, value));
		v.muted = v.volume === 0;
		remember("volume", v.volume.toFixed(2));
		remember("sound", v.muted ? "off" : "on");
	};
	const full = () => {
		if (document.fullscreenElement) void document.exitFullscreen();
		else if (stage.current?.requestFullscreen) stage.current.requestFullscreen().catch(() => undefined);
		else (video.current as unknown as { webkitEnterFullscreen?: () => void })?.webkitEnterFullscreen?.();
	};

	/* A second click soon after is a double click: full screen, and no pause. */
	const press = () => {
		clearTimeout(click.current);
		if (matchMedia("(hover: hover)").matches) click.current = setTimeout(pause, 240);
	};
	const pressTwice = () => {
		clearTimeout(click.current);
		full();
	};
	useEffect(() => () => clearTimeout(click.current), []);
	useFirstGesture(video);
	useMediaSession(channel, programme, {
		play: () => video.current?.paused && pause(),
		pause: () => !video.current?.paused && pause(),
		nexttrack: () => zap(1),
		previoustrack: () => zap(-1),
		seekbackward: () => jump(-SHORT),
		seekforward: () => jump(SHORT),
	});

	useKeys(
		(event) => {
			stir();
			const onControl = event.target instanceof HTMLButtonElement || event.target instanceof HTMLAnchorElement;
			const far = event.shiftKey ? LONG : SHORT;
			const inList = event.target instanceof Element && event.target.closest(`.${css.side}`);
			switch (event.key) {
				case "ArrowUp":
				case "ArrowDown":
					if (inList) return false;
					zap(event.key === "ArrowUp" ? 1 : -1);
					return true;
				case "ArrowLeft":
				case "ArrowRight":
					if (onControl) return false;
					jump(event.key === "ArrowLeft" ? -far : far);
					return true;
				case "s":
					startOver();
					return true;
				case "l":
					toLive();
					return true;
				case "Enter":
					if (onControl || dialled.value) return false;
					stage.current?.querySelector<HTMLElement>("[data-controls] button:not(:disabled)")?.focus();
					return true;
				case "Escape":
					if (!onControl || !stage.current?.contains(event.target as Node)) return false;
					(event.target as HTMLElement).blur();
					return true;
				case "PageUp":
				case "ChannelUp":
					zap(1);
					return true;
				case "PageDown":
				case "ChannelDown":
					zap(-1);
					return true;
				case " ":
					if (onControl) return false;
					pause();
					return true;
				case "f":
					full();
					return true;
				case "p":
					void inPicture(video.current);
					return true;
				case "m":
					mute();
					return true;
				case "+":
				case "=":
					volume(video.current!.volume + 0.1);
					return true;
				case "-":
					volume(video.current!.volume - 0.1);
					return true;
				case "c":
					document.querySelector<HTMLElement>(`.${css.side} a`)?.focus();
					return true;
			}
			return false;
		},
	);

	const onTouchEnd = (event: TouchEvent) => {
		const from = touch.current;
		const to = event.changedTouches[0];
		touch.current = null;
		if (!from || !to) return;
		const dx = to.clientX - from.x;
		const dy = to.clientY - from.y;
		if (Math.abs(dx) > 60 && Math.abs(dx) > 2 * Math.abs(dy)) zap(dx < 0 ? 1 : -1);
		else if (document.fullscreenElement && Math.abs(dy) > 80 && Math.abs(dy) > 2 * Math.abs(dx)) zap(dy < 0 ? 1 : -1);
	};

	const fine = channel && programme && !behind ? onAir(channel, t) : null;
	const alert = channel && !behind ? alertOn(channel.id, t) : null;
	const on = fine && Date.parse(fine.start) <= t ? breakLine(fine) : "";
	const covered = missing || quiet || picture.state === "waking" || picture.state === "lost" || picture.state === "unable";
	return (
		<div class={`hue ${css.room}`} style={{ "--hue": String(channel?.hue ?? 38) }}>
			<div class={css.left}>
				<div
					ref={stage}
					class={`${css.stage} ${idle && !covered ? css.idle : ""}`}
					onMouseMove={stir}
					onFocusCapture={stir}
					onTouchStart={(event) => {
						stir();
						const at = event.touches[0];
						touch.current = at ? { x: at.clientX, y: at.clientY } : null;
					}}
					onTouchEnd={onTouchEnd}
				>
					<video
						ref={video}
						class={css.video}
						playsInline
						tabIndex={-1}
						aria-label={programme ? `${channel?.name}: ${programme.title}` : `Channel ${number}`}
						onClick={press}
						onDblClick={pressTwice}
					/>
					{covered && <Cover number={number} channel={channel} picture={picture} missing={missing} from={from === null ? "" : clockWord(from * 1000)} quiet={quiet} />}
					{picture.state === "waiting" && <div class={css.waiting} role="status">One moment</div>}
					<Controls video={video} behind={behind} startOver={startOver} noStart={noStart} jump={jump} toLive={toLive} pause={pause} mute={mute} volume={volume} full={full} zap={zap} title={programme?.title ?? ""} channel={channel} playing={!covered} />
					{!covered && next && programme && <Soon next={next} left={Date.parse(programme.end) - t} />}
					{flash && <Flash number={number} />}
				</div>
				<section class={css.info}>
					<div class={css.badge}>{number}</div>
					<div class={css.what}>
						<p class={css.over}>
							<span class={css.name} dir="auto">{channel?.name ?? (missing ? "" : "Tuning in")}</span>
							{behind > 0 && <span class={css.behind}><i />{behindWord(behind)}</span>}
							{on && !alert && <span>{on}</span>}
						</p>
						{alert && <p class={css.alert} role="status"><Icon name="megaphone" /><span>{alert.text}</span><time>{leftWord(Date.parse(alert.end), t)}</time></p>}
						<h1 dir="auto">{programme?.title ?? (empty ?? quiet)?.title ?? (missing ? "No such channel" : "")}</h1>
						{missing && <p class={css.sub}>{channels.value?.length ? <><a class={css.link} href="/">See what is on now</a>, or <a class={css.link} href="/station/new">make a channel</a>.</> : <>There is no channel yet. <a class={css.link} href="/">See how to make the first one</a>.</>}</p>}
						{empty && <p class={css.sub}>{empty.help} <a class={css.link} href={`/station/${channel!.id}`}>See what it plays</a></p>}
						{programme && <p class={css.sub} dir="auto">{[subline(programme), `${clockWord(Date.parse(programme.start))} to ${clockWord(Date.parse(programme.end))}`].filter(Boolean).join(" · ")}</p>}
						{programme && (
							<div class={css.progress}>
								<Seeker start={Date.parse(programme.start)} end={Date.parse(programme.end)} seen={t} live={clock} go={(instant) => watchFrom(Math.max(instant, Date.parse(programme.start)), from !== null)} />
								<span>{leftWord(Date.parse(programme.end), t)}</span>
							</div>
						)}
						{programme && (
							<p class={css.acts}>
								<button onClick={startOver} disabled={!!noStart} title={noStart}><Icon name="skip-back" /> Start over</button>
								<button onClick={() => jump(-SHORT)}><Icon name="rotate-ccw" /> Back 30 s</button>
								<button onClick={() => jump(-LONG)}><Icon name="rotate-ccw" /> Back 5 min</button>
								{behind > 0 && <button onClick={() => jump(SHORT)}><Icon name="rotate-cw" /> On 30 s</button>}
								{behind > 0 && <button class={css.toLive} onClick={toLive}><Icon name="fast-forward" /> Back to live</button>}
								<a href="/screens"><Icon name="cast" /> Other screens</a>
							</p>
						)}
						{next && (
							<p class={css.next}>
								<b>Next</b> <bdi>{next.title}</bdi> <span>{behind ? "follows by itself" : whenWord(Date.parse(next.start), t)}</span>
							</p>
						)}
						{channel?.description && <p class={css.about}>{channel.description}</p>}
					</div>
				</section>
			</div>
			<aside class={css.side} aria-label="Channels">
				<div class={css.sideHead}>
					<h2>Channels</h2>
					<Clock />
				</div>
				<Others current={number} />
			</aside>
		</div>
	);
}
