/* player.ts - puts a channel's stream on a <video>, and keeps it there.
 *
 * hls.js is fetched when the first picture is wanted. Whatever breaks (network, server restart, a bad segment, a
 * stalled decoder) is tried again, sooner first, then every 5 s, for as long as the stream is wanted; the caller
 * is told what is going on and speaks of it. Where Media Source is missing (older Safari) the browser's own HLS
 * plays, watched over in the same way. */
import type HlsType from "hls.js";
import type { ErrorData, HlsConfig } from "hls.js";
import workerUrl from "hls.js/dist/hls.worker.js?url";

export type Picture =
	| { state: "waking" }
	| { state: "playing" }
	| { state: "waiting" }
	| { state: "lost"; why: string }
	| { state: "unable"; why: string };

export interface Playback {
	/** Jumps to the newest picture. */
	toLive(): void;
	/** The station answers again: don't wait for the next attempt. */
	again(): void;
	/** Seconds behind the newest picture, or 0 where unknown. */
	behind(): number;
	stop(): void;
}

const RETRY = { maxNumRetry: 6, retryDelayMs: 400, maxRetryDelayMs: 4_000, backoff: "linear" as const };

/* Segments are 2 s, TARGETDURATION 3: three segments behind the newest is as close as a playlist that is
 * reloaded every 2 s allows without stalling on the first late answer. */
const config: Partial<HlsConfig> = {
	enableWorker: true,
	workerPath: workerUrl,
	liveSyncDuration: 6,
	liveMaxLatencyDuration: 30,
	liveDurationInfinity: true,
	maxLiveSyncPlaybackRate: 1,
	maxBufferLength: 14,
	maxMaxBufferLength: 30,
	backBufferLength: 30,
	startFragPrefetch: true,
	capLevelToPlayerSize: true,
	manifestLoadPolicy: { default: { maxTimeToFirstByteMs: 12_000, maxLoadTimeMs: 15_000, timeoutRetry: RETRY, errorRetry: { ...RETRY, maxNumRetry: 1 } } },
	playlistLoadPolicy: { default: { maxTimeToFirstByteMs: 8_000, maxLoadTimeMs: 10_000, timeoutRetry: RETRY, errorRetry: RETRY } },
	fragLoadPolicy: { default: { maxTimeToFirstByteMs: 15_000, maxLoadTimeMs: 30_000, timeoutRetry: RETRY, errorRetry: RETRY } },
};

let library: Promise<typeof HlsType> | undefined;

export function loadHls(): Promise<typeof HlsType> {
	library ??= import("hls.js").then((m) => m.default).catch((cause) => {
		library = undefined;
		throw cause;
	});
	return library;
}

export function reason(status: number | undefined): string {
	if (status === 404) return "This channel is not on the air.";
	if (status === 503) return "The station is busy and asks us to wait.";
	if (status && status >= 500) return `The station could not make the picture (${status}).`;
	if (status === 401 || status === 403) return "The station wants you to sign in first.";
	return "The station does not answer.";
}

export function startPlayback(video: HTMLVideoElement, url: string, tell: (picture: Picture) => void): Playback {
	let stopped = false;
	let hls: HlsType | undefined;
	let attempt = 0;
	let retry: ReturnType<typeof setTimeout> | undefined;
	let last: Picture["state"] | "" = "";
	let moved = performance.now();
	let mediaErrors = 0;

	const say = (picture: Picture) => {
		if (stopped || (picture.state === last && picture.state !== "lost")) return;
		last = picture.state;
		tell(picture);
	};
	const later = (work: () => void) => {
		clearTimeout(retry);
		retry = setTimeout(() => !stopped && work(), Math.min(5_000, 500 * 2 ** attempt++));
	};

	const onPlaying = () => {
		attempt = 0;
		moved = performance.now();
		say({ state: "playing" });
	};
	const onTime = () => {
		moved = performance.now();
		if (!video.paused && video.readyState > 2) say({ state: "playing" });
	};
	const onWaiting = () => last === "playing" && say({ state: "waiting" });
	const onNativeError = () => {
		if (hls) return;
		say({ state: "lost", why: "The picture stopped coming." });
		later(native);
	};
	const listeners: [string, () => void][] = [["playing", onPlaying], ["timeupdate", onTime], ["waiting", onWaiting], ["error", onNativeError]];
	for (const [name, heard] of listeners) video.addEventListener(name, heard);

	/* A browser that allows no sound before the first click still shows the picture. */
	function begin(): void {
		video.play().catch((cause: unknown) => {
			if (stopped || video.muted || !(cause instanceof DOMException) || cause.name !== "NotAllowedError") return;
			video.muted = true;
			video.play().catch(() => undefined);
		});
	}

	function native(): void {
		video.src = url;
		begin();
	}

	function onError(data: ErrorData): void {
		if (!data.fatal || !hls) return;
		if (data.type === "mediaError" && mediaErrors++ < 3) {
			hls.recoverMediaError();
			return;
		}
		say({ state: "lost", why: reason(data.response?.code) });
		const had = hls.levels.length > 0 && data.type === "networkError" && data.details !== "manifestLoadError";
		later(() => {
			if (had && attempt < 4) hls?.startLoad(-1);
			else rebuild();
		});
	}

	function rebuild(): void {
		if (stopped) return;
		loadHls().then(
			(Hls) => {
				if (stopped) return;
				if (!Hls.isSupported()) {
					if (video.canPlayType("application/vnd.apple.mpegurl")) native();
					else say({ state: "unable", why: "This browser plays no live streams. Any player can: open the channel's address in VLC or mpv." });
					return;
				}
				hls?.destroy();
				moved = performance.now();
				hls = new Hls(config);
				hls.on(Hls.Events.ERROR, (_, data) => onError(data));
				hls.on(Hls.Events.MANIFEST_PARSED, begin);
				hls.on(Hls.Events.FRAG_BUFFERED, () => {
					mediaErrors = 0;
				});
				hls.attachMedia(video);
				hls.loadSource(url);
			},
			() => {
				say({ state: "lost", why: "The station does not answer." });
				later(rebuild);
			},
		);
	}

	/* Nothing moved for a while although it should: nudge to the live edge, then start afresh. */
	const watchdog = setInterval(() => {
		if (stopped || video.paused || document.hidden || last === "lost" || last === "unable") {
			moved = performance.now();
			return;
		}
		const still = performance.now() - moved;
		if (last !== "waking" && still > 6_000 && still < 9_000) playback.toLive();
		else if (still > 20_000) {
			say({ state: "lost", why: "The picture stopped coming." });
			later(rebuild);
		}
	}, 3_000);

	const playback: Playback = {
		toLive() {
			const edge = hls?.liveSyncPosition ?? (video.seekable.length ? video.seekable.end(video.seekable.length - 1) - 6 : null);
			if (edge !== null && edge > 0 && Number.isFinite(edge)) video.currentTime = edge;
			begin();
		},
		again() {
			if (last === "lost") {
				clearTimeout(retry);
				attempt = 0;
				rebuild();
			}
		},
		behind: () => (hls?.liveSyncPosition ? Math.max(0, hls.liveSyncPosition - video.currentTime) : 0),
		stop() {
			if (stopped) return;
			stopped = true;
			clearTimeout(retry);
			clearInterval(watchdog);
			for (const [name, heard] of listeners) video.removeEventListener(name, heard);
			hls?.destroy();
			if (!hls) video.removeAttribute("src");
			video.load();
		},
	};

	say({ state: "waking" });
	rebuild();
	return playback;
}
