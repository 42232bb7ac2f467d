/* session.ts - the picture outside the page: the lock screen and the media keys, a small window above others; and the sound,
 * which a browser lets on only after somebody has touched the page. */
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Channel, Programme } from "../../api.ts";
import { subline } from "../../lib/programme.ts";
import { recall } from "../../prefs.ts";

export const pictureAble = typeof document !== "undefined" && document.pictureInPictureEnabled === true;

/** Into the small window, or out of it. */
export async function inPicture(video: HTMLVideoElement | null): Promise<void> {
	if (!video || !pictureAble) return;
	await (document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture()).catch(() => undefined);
}

type Deeds = Partial<Record<MediaSessionAction, () => unknown>>;

export function useMediaSession(channel: Channel | undefined, programme: Programme | null, deeds: Deeds): void {
	const latest = useRef(deeds);
	latest.current = deeds;
	const session = "mediaSession" in navigator ? navigator.mediaSession : undefined;
	useEffect(() => {
		if (!session) return;
		const names = Object.keys(latest.current) as MediaSessionAction[];
		for (const name of names) session.setActionHandler(name, () => latest.current[name]?.());
		return () => {
			for (const name of names) session.setActionHandler(name, null);
			session.metadata = null;
		};
	}, []);
	useEffect(() => {
		if (!session || !channel) return;
		const artwork = [{ src: channel.logo, type: "image/png" }];
		if (programme?.thumbnail) artwork.unshift({ src: programme.thumbnail, type: "image/jpeg" });
		session.metadata = new MediaMetadata({ title: programme?.title ?? channel.name, artist: programme ? subline(programme) : "", album: `${channel.number} ${channel.name}`, artwork });
	}, [channel?.number, channel?.name, programme?.id]);
}

/** A picture that the browser would start only without sound gets it with the first key or click, unless it is to be off. */
export function useFirstGesture(video: RefObject<HTMLVideoElement | null>): void {
	useEffect(() => {
		const hear = (event: Event) => {
			const v = video.current;
			if (v?.dataset.hushed === undefined || (event instanceof KeyboardEvent && (event.key === "Escape" || event.key === "m"))) return;
			delete v.dataset.hushed;
			if (event.target instanceof Element && event.target.closest("[data-controls]")) return;
			v.muted = recall("sound") === "off";
			if (event.target !== v) return;
			event.stopPropagation();
			event.preventDefault();
		};
		addEventListener("click", hear, true);
		addEventListener("keydown", hear, true);
		return () => {
			removeEventListener("click", hear, true);
			removeEventListener("keydown", hear, true);
		};
	}, []);
}
