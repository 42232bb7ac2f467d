/* playhead.tsx - where the original stands, to the frame, and one frame on or back. */
import { useEffect, useState } from "preact/hooks";
import { useKeys } from "../../keys.ts";
import { frameAt, frameStart } from "../../lib/timecode.ts";
import { timecode } from "../../lib/words.ts";
import ui from "../../ui/controls.module.css";
import { Icon } from "../../ui/icon.tsx";
import css from "./item.module.css";

interface Props {
	video: { current: HTMLVideoElement | null };
	fps: number;
}

export function Playhead({ video, fps }: Props) {
	const [ms, setMs] = useState(0);
	useEffect(() => {
		const v = video.current;
		if (!v) return;
		let frame = 0;
		const look = () => {
			setMs(v.currentTime * 1000);
			if (!v.paused) frame = requestAnimationFrame(look);
		};
		const events = ["play", "seeked", "pause", "loadedmetadata"];
		for (const event of events) v.addEventListener(event, look);
		look();
		return () => {
			cancelAnimationFrame(frame);
			for (const event of events) v.removeEventListener(event, look);
		};
	}, []);
	/* Into the middle of the frame: its edges are rounded differently by everybody. */
	const step = (frames: number) => {
		const v = video.current;
		if (!v) return;
		v.pause();
		v.currentTime = Math.max(0, (frameAt(v.currentTime * 1000, fps) + frames + 0.5) / fps);
	};
	useKeys(({ key }) => (key === "," || key === "." ? (step(key === "," ? -1 : 1), true) : false));
	return (
		<p class={css.playhead}>
			<output class="mono" aria-label="The picture stands at">{timecode(frameStart(frameAt(ms, fps), fps), fps)}</output>
			<button class={`${ui.plain} ${ui.small}`} aria-label="1 frame back" title="One frame back (,)" onClick={() => step(-1)}><Icon name="chevron-left" /> 1 frame</button>
			<button class={`${ui.plain} ${ui.small}`} aria-label="1 frame on" title="One frame on (.)" onClick={() => step(1)}>1 frame <Icon name="chevron-right" /></button>
		</p>
	);
}
