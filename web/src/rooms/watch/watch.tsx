/* watch.tsx - Watch: the picture first; what it is; what is next; up and down.
 *
 * The <video> stays while channels change under it. Not here: the stream itself (player.ts), the controls over the
 * picture (controls.tsx), what stands there while there is no picture (cover.tsx). */
import { useEffect, useRef, useState } from "preact/hooks";
import { now } from "../../clock.ts";
import { useKeys } from "../../keys.ts";
import { breakLine, quietLine, subline } from "../../lib/programme.ts";
import { clockWord, leftWord, whenWord } from "../../lib/words.ts";
import { startPlayback, type Picture as State, type Playback } from "../../player.ts";
import { recall, remember } from "../../prefs.ts";
import { go } from "../../router.ts";
import { airing, byNumber, channels, line, onAir } from "../../station.ts";
import { Bar } from "../../ui/bar.tsx";
import { Clock } from "../../ui/head.tsx";
import { Others } from "./others.tsx";
import { Controls } from "./controls.tsx";
import { Cover, Flash } from "./cover.tsx";
import css from "./watch.module.css";

const IDLE = 2_800;

/** The number of the channel `step` places on, round and round. */
function neighbour(number: number, step: 1 | -1): number | null {
	const numbers = (channels.value ?? []).map((channel) => channel.number);
	if (numbers.length === 0) return null;
	const at = numbers.indexOf(number);
	if (at >= 0) return numbers[(at + step + numbers.length) % numbers.length]!;
	return step > 0 ? (numbers.find((n) => n > number) ?? numbers[0]!) : (numbers.findLast((n) => n < number) ?? numbers.at(-1)!);
}

export function Watch({ number }: { number: number }) {
	const t = now.value;
	const channel = byNumber.value.get(number);
	const stage = useRef<HTMLDivElement>(null);
	const video = useRef<HTMLVideoElement>(null);
	const playback = useRef<Playback>(undefined);
	const [picture, setPicture] = useState<State>({ state: "waking" });
	const [flash, setFlash] = useState(false);
	const [idle, setIdle] = useState(false);
	const idleTimer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const touch = useRef<{ x: number; y: number } | null>(null);

	const { now: programme, next } = channel ? airing(channel, t) : { now: null, next: null };
	const missing = channels.value !== null && !channel;
	const quiet = channel && channel.state !== "ready" ? quietLine(channel) : null;
	const url = missing || quiet ? null : (channel?.stream ?? `/channel/${number}.m3u8`);

	useEffect(() => {
		remember("channel", String(number));
		setFlash(true);
		const timer = setTimeout(() => setFlash(false), 120);
		return () => clearTimeout(timer);
	}, [number]);

	useEffect(() => {
		const v = video.current!;
		v.volume = Math.min(1, Math.max(0, Number(recall("volume") ?? 1)));
		v.muted = recall("sound") === "off";
	}, []);

	useEffect(() => {
		if (!url || !video.current) return;
		setPicture({ state: "waking" });
		playback.current = startPlayback(video.current, url, setPicture);
		return () => playback.current?.stop();
	}, [url, number]);

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
	const pause = () => {
		const v = video.current!;
		if (v.paused) playback.current?.toLive();
		else v.pause();
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

	useKeys(
		(event) => {
			stir();
			const onControl = event.target instanceof HTMLButtonElement || event.target instanceof HTMLAnchorElement;
			const inList = event.target instanceof Element && event.target.closest(`.${css.side}`);
			switch (event.key) {
				case "ArrowUp":
				case "ArrowDown":
					if (inList) return false;
					zap(event.key === "ArrowUp" ? 1 : -1);
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

	const on = channel && programme ? breakLine(onAir(channel, t)) : "";
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
						onClick={() => matchMedia("(hover: hover)").matches && pause()}
						onDblClick={full}
					/>
					{covered && <Cover number={number} channel={channel} picture={picture} missing={missing} quiet={quiet} />}
					{picture.state === "waiting" && <div class={css.waiting} role="status">One moment</div>}
					<Controls video={video} playback={playback} pause={pause} mute={mute} volume={volume} full={full} zap={zap} title={programme?.title ?? ""} channel={channel} playing={!covered} />
					{flash && <Flash number={number} />}
				</div>
				<section class={css.info}>
					<div class={css.badge}>{number}</div>
					<div class={css.what}>
						<p class={css.over}>
							<span class={css.name}>{channel?.name ?? (missing ? "" : "Tuning in")}</span>
							{on && <span>{on}</span>}
						</p>
						<h1>{programme?.title ?? quiet?.title ?? (missing ? "No such channel" : "")}</h1>
						{programme && <p class={css.sub}>{[subline(programme), `${clockWord(Date.parse(programme.start))} to ${clockWord(Date.parse(programme.end))}`].filter(Boolean).join(" · ")}</p>}
						{programme && (
							<div class={css.progress}>
								<Bar start={programme.start} end={programme.end} />
								<span>{leftWord(Date.parse(programme.end), t)}</span>
							</div>
						)}
						{next && (
							<p class={css.next}>
								<b>Next</b> {next.title} <span>{whenWord(Date.parse(next.start), t)}</span>
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
