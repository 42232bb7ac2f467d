/* preview.tsx - a channel playing small and muted over its still picture. One at a time on the page: starting
 * one stops the other. */
import { useEffect, useRef, useState } from "preact/hooks";
import { startPlayback } from "../player.ts";
import css from "./preview.module.css";

let current: (() => void) | undefined;

interface Props {
	url: string;
	/** ms before the stream is asked for: a pointer passing over asks for nothing. */
	delay: number;
	onLive?: (live: boolean) => void;
}

export function Preview({ url, delay, onLive }: Props) {
	const video = useRef<HTMLVideoElement>(null);
	const [live, setLive] = useState(false);
	useEffect(() => {
		let stop: (() => void) | undefined;
		const timer = setTimeout(() => {
			if (document.hidden || !video.current) return;
			current?.();
			const playback = startPlayback(video.current, url, (picture) => {
				const showing = picture.state === "playing" || picture.state === "waiting";
				setLive(showing);
				onLive?.(showing);
			});
			stop = () => {
				playback.stop();
				setLive(false);
				onLive?.(false);
				if (current === stop) current = undefined;
			};
			current = stop;
		}, delay);
		const hide = () => document.hidden && stop?.();
		document.addEventListener("visibilitychange", hide);
		return () => {
			clearTimeout(timer);
			document.removeEventListener("visibilitychange", hide);
			stop?.();
		};
	}, [url, delay]);
	return <video ref={video} class={`${css.preview} ${live ? css.live : ""}`} muted playsInline tabIndex={-1} aria-hidden="true" />;
}
