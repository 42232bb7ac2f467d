/* player.ts - puts a channel's stream on a <video>, and keeps it there: what is on now, or a past that grows.
 *
 * hls.js (its light build: one stream, no captions, no keys) is fetched when the first picture is wanted. Whatever breaks (network, server restart, a bad segment, a
 * stalled decoder) is tried again, sooner first, then every 5 s, for as long as the stream is wanted; the caller
 * is told what is going on and speaks of it. Where Media Source is missing (older Safari) the browser's own HLS
 * plays, watched over in the same way. */
import type HlsType from "hls.js";
import type { ErrorData, HlsConfig, LoaderContext } from "hls.js";

export type Picture =
	| { state: "waking" }
	| { state: "playing" }
	| { state: "waiting" }
	| { state: "lost"; why: string }
	| { state: "unable"; why: string };

export interface Playback {
	/** Jumps to the newest picture of this stream. */
	toLive(): void;
	/** The station answers again: don't wait for the next attempt. */
	again(): void;
	/** The instant (ms since the epoch) whose picture is shown, or null where there is none yet. */
	seen(): number | null;
	/** Jumps to an instant; false where this stream does not reach it. */
	seek(instant: number): boolean;
	/** What is on now is not fetched on while it stands; the past is. */
	pause(): void;
	/** Goes on where it stood. */
	resume(): void;
	stop(): void;
}

export interface Past {
	/** The stream has come to its end, at this instant: what follows is another stream. */
	ended(instant: number): void;
}

const RETRY = { maxNumRetry: 6, retryDelayMs: 400, maxRetryDelayMs: 4_000, backoff: "linear" as const };

/* Segments are 2 s, TARGETDURATION 3: three segments behind the newest is as close as a playlist that is
 * reloaded every 2 s allows without stalling on the first late answer, and outlasts a restart of the server. */
const config: Partial<HlsConfig> = {
	enableWorker: false,
	liveSyncDuration: 6,
	liveMaxLatencyDuration: 30,
	liveDurationInfinity: true,
	maxLiveSyncPlaybackRate: 1,
	lowLatencyMode: false,
	testBandwidth: false,
	maxBufferLength: 14,
	maxMaxBufferLength: 30,
	backBufferLength: 30,
	startFragPrefetch: true,
	manifestLoadPolicy: { default: { maxTimeToFirstByteMs: 12_000, maxLoadTimeMs: 15_000, timeoutRetry: RETRY, errorRetry: { ...RETRY, maxNumRetry: 1 } } },
	playlistLoadPolicy: { default: { maxTimeToFirstByteMs: 8_000, maxLoadTimeMs: 10_000, timeoutRetry: RETRY, errorRetry: RETRY } },
	fragLoadPolicy: { default: { maxTimeToFirstByteMs: 15_000, maxLoadTimeMs: 30_000, timeoutRetry: RETRY, errorRetry: RETRY } },
};

let library: Promise<typeof HlsType> | undefined;

export function loadHls(): Promise<typeof HlsType> {
	library ??= import("hls.js/light").then((m) => m.default).catch((cause) => {
		library = undefined;
		throw cause;
	});
	return library;
}

/* hls.js reads HEVC from a transport stream in its full build alone, and most browsers have no decoder for it. */
const NO_HEVC = "This channel's pictures are HEVC (H.265), which the page cannot play. Kodi, VLC, mpv and Plex can: open the channel's address there.";

export function reason(status: number | undefined, past: boolean): string {
	if (status === 404) return past ? "The channel has nothing from that time." : "This channel is not on the air.";
	if (status === 503) return "The station is busy and asks us to wait.";
	if (status && status >= 500) return `The station could not make the picture (${status}).`;
	if (status === 401 || status === 403) return "The station wants you to sign in first.";
	return "The station does not answer.";
}

/** How long a growing playlist need not be asked for again, from the seconds of it that lie ahead: hours of the past
 * are a long text, and nothing new in it is wanted before what is known has been seen. */
export function patience(ahead: number): number {
	return ahead < 90 ? 0 : Math.min(120, ahead / 4);
}

export function startPlayback(video: HTMLVideoElement, url: string, tell: (picture: Picture) => void, past?: Past): Playback {
	let stopped = false;
	let hls: HlsType | undefined;
	let attempt = 0;
	let retry: ReturnType<typeof setTimeout> | undefined;
	let last: Picture["state"] | "" = "";
	let moved = performance.now();
	let mediaErrors = 0;
	let place = -1;
	let holding = false;

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
		say({ state: "playing" });
	};
	const onTime = () => {
		if (video.readyState > 2 && !video.seeking) {
			if (video.currentTime !== place) moved = performance.now();
			place = video.currentTime;
		}
		if (!video.paused && video.readyState > 2) say({ state: "playing" });
	};
	const onWaiting = () => last === "playing" && say({ state: "waiting" });
	const onNativeError = () => {
		if (hls) return;
		say({ state: "lost", why: "The picture stopped coming." });
		later(native);
	};
	const onEnded = () => {
		const instant = playback.seen();
		if (past && instant !== null) past.ended(instant);
		else later(rebuild);
	};
	const listeners: [string, () => void][] = [["playing", onPlaying], ["timeupdate", onTime], ["waiting", onWaiting], ["error", onNativeError], ["ended", onEnded]];
	for (const [name, heard] of listeners) video.addEventListener(name, heard);

	/* A browser that allows no sound before the first click still shows the picture. */
	function begin(): void {
		if (holding) return;
		video.play().catch((cause: unknown) => {
			if (stopped || video.muted || !(cause instanceof DOMException) || cause.name !== "NotAllowedError") return;
			video.muted = true;
			video.dataset.hushed = "";
			video.play().catch(() => undefined);
		});
	}

	function native(): void {
		video.src = url;
		begin();
	}

	function onError(data: ErrorData): void {
		if (hls && data.reason?.includes("HEVC")) {
			clearTimeout(retry);
			hls.destroy();
			hls = undefined;
			say({ state: "unable", why: NO_HEVC });
			return;
		}
		if (!data.fatal || !hls) return;
		if (data.type === "mediaError" && mediaErrors++ < 3) {
			hls.recoverMediaError();
			return;
		}
		say({ state: "lost", why: reason(data.response?.code, Boolean(past)) });
		const had = hls.levels.length > 0 && data.type === "networkError" && data.details !== "manifestLoadError";
		later(() => {
			if (had && attempt < 4) hls?.startLoad(-1);
			else rebuild();
		});
	}

	/* hls.js asks for a growing playlist every few seconds; see patience(). */
	function wait(_xhr: XMLHttpRequest, _url: string, context: LoaderContext): Promise<void> | void {
		const details = hls?.latestLevelDetails;
		const { type } = context as LoaderContext & { type?: string };
		if ((type !== "level" && type !== "manifest") || !details) return;
		const seconds = patience(details.edge - video.currentTime);
		if (seconds > 0) return new Promise((done) => setTimeout(done, seconds * 1000));
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
				hls = new Hls(past ? { ...config, liveMaxLatencyDuration: Infinity, maxBufferLength: 30, startPosition: place, xhrSetup: wait } : config);
				hls.on(Hls.Events.ERROR, (_, data) => onError(data));
				hls.on(Hls.Events.MANIFEST_PARSED, begin);
				hls.on(Hls.Events.FRAG_BUFFERED, () => {
					mediaErrors = 0;
				});
				hls.loadSource(url);
				hls.attachMedia(video);
			},
			() => {
				say({ state: "lost", why: "The station does not answer." });
				later(rebuild);
			},
		);
	}

	/* Nothing moved for a while although it should: on to the live edge where that is further on (else the last seconds would
	 * come again and again), then afresh. hls.js itself waits without a word while the device has no network. */
	const watchdog = setInterval(() => {
		if (stopped || video.paused || document.hidden || last === "lost" || last === "unable") {
			moved = performance.now();
			return;
		}
		const still = performance.now() - moved;
		const waking = last === "waking";
		if (still > (waking ? 20_000 : 11_000)) {
			say({ state: "lost", why: navigator.onLine === false ? "This device is not connected." : "The picture stopped coming." });
			later(rebuild);
		} else if (!past && !waking && still > 5_000 && (hls?.liveSyncPosition ?? 0) > video.currentTime + 1) playback.toLive();
	}, 3_000);

	/* The instant of the picture at position 0 of the video's own clock. */
	function zero(): number | null {
		if (hls) {
			const date = video.readyState > 1 ? hls.playingDate : null;
			return date ? date.getTime() - video.currentTime * 1000 : null;
		}
		const date = (video as HTMLVideoElement & { getStartDate?: () => Date }).getStartDate?.();
		return date && Number.isFinite(date.getTime()) ? date.getTime() : null;
	}

	const playback: Playback = {
		toLive() {
			if (holding) return playback.resume();
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
		seen() {
			const start = zero();
			return start === null ? null : start + video.currentTime * 1000;
		},
		seek(instant) {
			const start = zero();
			const { seekable } = video;
			if (!past || start === null || seekable.length === 0) return false;
			const to = (instant - start) / 1000;
			if (to < seekable.start(0) - 1 || to > seekable.end(seekable.length - 1) - 4) return false;
			video.currentTime = Math.max(to, seekable.start(0));
			return true;
		},
		pause() {
			holding = true;
			video.pause();
			if (!past) hls?.stopLoad();
		},
		resume() {
			holding = false;
			if (!past) hls?.startLoad(-1);
			begin();
		},
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
