/* controls.tsx - the row over the picture's foot: pause, sound, channel up and down, full screen. */
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Channel } from "../../api.ts";
import { now } from "../../clock.ts";
import type { Playback } from "../../player.ts";
import { Icon } from "../../ui/icon.tsx";
import css from "./controls.module.css";

interface Props {
	video: RefObject<HTMLVideoElement | null>;
	playback: RefObject<Playback | undefined>;
	channel: Channel | undefined;
	title: string;
	/** There is a picture. */
	playing: boolean;
	pause: () => void;
	mute: () => void;
	volume: (value: number) => void;
	full: () => void;
	zap: (step: 1 | -1) => void;
}

export function Controls({ video, playback, channel, title, playing, pause, mute, volume, full, zap }: Props) {
	const [, redraw] = useState(0);
	const [wide, setWide] = useState(false);
	useEffect(() => {
		const v = video.current;
		const again = () => redraw((n) => n + 1);
		const sized = () => setWide(Boolean(document.fullscreenElement));
		for (const name of ["volumechange", "pause", "play"]) v?.addEventListener(name, again);
		document.addEventListener("fullscreenchange", sized);
		return () => {
			for (const name of ["volumechange", "pause", "play"]) v?.removeEventListener(name, again);
			document.removeEventListener("fullscreenchange", sized);
		};
	}, []);
	void now.value;
	const v = video.current;
	const paused = v?.paused ?? true;
	const silent = Boolean(v && (v.muted || v.volume === 0));
	const late = playing && !paused && (playback.current?.behind() ?? 0) > 12;
	return (
		<div class={css.controls} data-controls>
			{wide && (
				<p class={css.title}>
					<b>{channel?.number}</b> {title}
				</p>
			)}
			<div class={css.row}>
				<button class={css.button} onClick={pause} disabled={!playing} aria-label={paused ? "Go on, live" : "Pause"}>
					<Icon name={paused ? "play" : "pause"} fill />
				</button>
				<button class={css.button} onClick={mute} aria-label={silent ? "Sound on" : "Sound off"} aria-pressed={silent}>
					<Icon name={silent ? "volume-x" : "volume-2"} />
				</button>
				<input
					class={css.volume}
					type="range"
					min="0"
					max="1"
					step="0.05"
					aria-label="Volume"
					value={silent ? 0 : (v?.volume ?? 1)}
					style={{ "--level": String(silent ? 0 : (v?.volume ?? 1)) }}
					onInput={(event) => volume(Number(event.currentTarget.value))}
				/>
				{silent && playing && (
					<button class={css.pill} onClick={mute}>
						Turn the sound on
					</button>
				)}
				<span class={css.gap} />
				{playing && (late || paused ? (
					<button class={css.pill} onClick={() => playback.current?.toLive()}>
						Back to live
					</button>
				) : (
					<span class={css.live}>Live</span>
				))}
				<button class={css.button} onClick={() => zap(-1)} aria-label="Channel down" title="Channel down">
					<Icon name="chevron-down" />
				</button>
				<button class={css.button} onClick={() => zap(1)} aria-label="Channel up" title="Channel up">
					<Icon name="chevron-up" />
				</button>
				<button class={css.button} onClick={full} aria-label={wide ? "Leave full screen" : "Full screen"}>
					<Icon name={wide ? "minimize" : "maximize"} />
				</button>
			</div>
		</div>
	);
}
