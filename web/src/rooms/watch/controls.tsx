/* controls.tsx - the row over the picture's foot: pause, start over and back, sound, channel up and down, full screen. */
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Channel } from "../../api.ts";
import { now } from "../../clock.ts";
import { behindWord } from "../../lib/words.ts";
import { Icon } from "../../ui/icon.tsx";
import { inPicture, pictureAble } from "./session.ts";
import css from "./controls.module.css";

interface Props {
	video: RefObject<HTMLVideoElement | null>;
	channel: Channel | undefined;
	title: string;
	/** There is a picture. */
	playing: boolean;
	/** ms behind live that are worth a word, or 0. */
	behind: number;
	startOver: () => void;
	noStart: string | undefined;
	jump: (ms: number) => void;
	toLive: () => void;
	pause: () => void;
	mute: () => void;
	volume: (value: number) => void;
	full: () => void;
	zap: (step: 1 | -1) => void;
}

export function Controls({ video, channel, title, playing, behind, startOver, noStart, jump, toLive, pause, mute, volume, full, zap }: Props) {
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
	return (
		<div class={css.controls} data-controls>
			{wide && (
				<p class={css.title} dir="auto">
					<b>{channel?.number}</b> {title}
				</p>
			)}
			<div class={css.row}>
				<button class={css.button} onClick={pause} disabled={!playing} aria-label={paused ? "Go on" : "Pause"} title={paused ? "Go on (Space)" : "Pause (Space)"}>
					<Icon name={paused ? "play" : "pause"} fill />
				</button>
				<button class={css.button} onClick={startOver} disabled={!title || !!noStart} aria-label="Start over" title={noStart ?? "Start over (s)"}>
					<Icon name="skip-back" />
				</button>
				<button class={css.button} onClick={() => jump(-30_000)} disabled={!playing} aria-label="Back 30 seconds" title="Back 30 s (←)">
					<Icon name="rotate-ccw" />
				</button>
				<button class={css.button} onClick={mute} aria-label={silent ? "Sound on" : "Sound off"} title={silent ? "Sound on (m)" : "Sound off (m)"}>
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
				{playing && behind === 0 && <span class={css.live}><i />Live</span>}
				{behind > 0 && (
					<>
						<span class={css.behind}><i />{behindWord(behind)}</span>
						<button class={css.pill} onClick={toLive}>
							Back to live
						</button>
					</>
				)}
				<button class={`${css.button} ${css.zap}`} onClick={() => zap(-1)} aria-label="Channel down" title="Channel down">
					<Icon name="chevron-down" />
				</button>
				<button class={`${css.button} ${css.zap}`} onClick={() => zap(1)} aria-label="Channel up" title="Channel up">
					<Icon name="chevron-up" />
				</button>
				{pictureAble && (
					<button class={`${css.button} ${css.pip}`} onClick={() => void inPicture(video.current)} disabled={!playing} aria-label="Picture in picture" title="Picture in picture (p)">
						<Icon name="picture-in-picture" />
					</button>
				)}
				<button class={css.button} onClick={full} title={wide ? "Leave full screen (f)" : "Full screen (f)"} aria-label={wide ? "Leave full screen" : "Full screen"}>
					<Icon name={wide ? "minimize" : "maximize"} />
				</button>
			</div>
		</div>
	);
}
