/* words.ts - times, lengths and counts as people say them.
 *
 * Every function is given the instants it speaks of, in ms since the epoch; output is in the viewer's own
 * time zone, by 24 hours until setTwelve says otherwise. Not here: the station's clock (clock.ts), what the
 * viewer prefers (prefs.ts). */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (n: number) => String(n).padStart(2, "0");

let twelve = false;

/** Whether the day has twice twelve hours here. */
export function setTwelve(on: boolean): void {
	twelve = on;
}

/* The space does not break: a time stands in one line. */
function clock(t: number, seconds: string): string {
	const d = new Date(t);
	const h = d.getHours();
	return twelve ? `${h % 12 || 12}:${two(d.getMinutes())}${seconds}\u00a0${h < 12 ? "am" : "pm"}` : `${two(h)}:${two(d.getMinutes())}${seconds}`;
}

/** 20:30, or 8:30 pm */
export function clockWord(t: number): string {
	return clock(t, "");
}

/** 20:30:05, or 8:30:05 pm */
export function secondsWord(t: number): string {
	return clock(t, `:${two(new Date(t).getSeconds())}`);
}

/** The local midnight that begins the day of t, `plus` days on. */
export function dayStart(t: number, plus = 0): number {
	const d = new Date(t);
	return new Date(d.getFullYear(), d.getMonth(), d.getDate() + plus).getTime();
}

/** The day of an instant (RFC 3339) here, as a date field has it: 2026-11-26. A day alone is that day. */
export function dateField(stamp: string): string {
	const d = new Date(stamp);
	return stamp.length === 10 || Number.isNaN(d.getTime()) ? stamp.slice(0, 10) : `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

/** The last second of a date field's day here, for the station. */
export function dayEnd(date: string): string {
	const [year, month, day] = date.split("-").map(Number) as [number, number, number];
	return new Date(year, month - 1, day, 23, 59, 59).toISOString();
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** today, tomorrow, yesterday, Friday, 24 December */
export function dayWord(t: number, now: number): string {
	const days = Math.round((dayStart(t) - dayStart(now)) / DAY);
	if (days === 0) return "today";
	if (days === 1) return "tomorrow";
	if (days === -1) return "yesterday";
	const d = new Date(t);
	if (days > 1 && days < 7) return DAYS[d.getDay()]!;
	return `${d.getDate()} ${MONTHS[d.getMonth()]}`;
}

/** Saturday 21 November */
export function dateWord(t: number): string {
	const d = new Date(t);
	return `${DAYS[d.getDay()]} ${d.getDate()} ${MONTHS[d.getMonth()]}`;
}

/** now, in 4 min, at 20:30, tomorrow 20:30 */
export function whenWord(t: number, now: number): string {
	const ahead = t - now;
	if (Math.abs(ahead) < 5_000) return "now";
	if (ahead > 0 && ahead < MINUTE) return "in a moment";
	if (ahead > 0 && ahead < HOUR) return `in ${Math.ceil(ahead / MINUTE)} min`;
	const day = dayWord(t, now);
	return day === "today" ? `at ${clockWord(t)}` : `${day} ${clockWord(t)}`;
}

/** 20:30, yesterday 20:30: of what has been */
export function pastWord(t: number, now: number): string {
	const day = dayWord(t, now);
	return day === "today" ? clockWord(t) : `${day} ${clockWord(t)}`;
}

/** The station's sentences with its times (2026-11-26T04:33:28.668Z) and lengths (00:01:01.18) as people here say them. */
export function spoken(text: string, now: number): string {
	return text
		.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (stamp) => pastWord(Date.parse(stamp), now))
		.replace(/\b(\d\d):(\d\d):(\d\d)\.\d\d\b/g, (_, h: string, m: string, s: string) => lengthWord(Number(h) * HOUR + Number(m) * MINUTE + Number(s) * 1000));
}

/** 12 min left, 40 s left */
export function leftWord(end: number, now: number): string {
	const left = Math.max(0, end - now);
	return left <= MINUTE - 1_000 ? `${Math.ceil(left / 1000)} s left` : `${lengthWord(Math.ceil(left / MINUTE) * MINUTE)} left`;
}

/** 1 h 32 min, 45 min, 1 min 37 s, 50 s: seconds only where they count */
export function lengthWord(ms: number): string {
	if (ms < MINUTE) return `${Math.max(0, Math.round(ms / 1000))} s`;
	if (ms < 5 * MINUTE) {
		const s = Math.round(ms / 1000);
		return s % 60 === 0 ? `${s / 60} min` : `${Math.floor(s / 60)} min ${s % 60} s`;
	}
	const minutes = Math.round(ms / MINUTE);
	const h = Math.floor(minutes / 60);
	const m = minutes % 60;
	if (h === 0) return `${m} min`;
	return m === 0 ? `${h} h` : `${h} h ${m} min`;
}

/** 40 s behind live, 12 min behind live; whole minutes from the first on */
export function behindWord(ms: number): string {
	return `${lengthWord(ms < MINUTE ? ms : Math.round(ms / MINUTE) * MINUTE)} behind live`;
}

/** 40 s, 12 min, 5 h, 3 days: whole ones of the largest */
export function uptimeWord(ms: number): string {
	const days = Math.floor(ms / DAY);
	if (days > 0) return many(days, "day");
	return lengthWord(ms < MINUTE ? ms : ms < HOUR ? Math.floor(ms / MINUTE) * MINUTE : Math.floor(ms / HOUR) * HOUR);
}

/** 01:32:08 or 01:32:08.12 where the frame rate is known */
export function timecode(ms: number, fps?: number): string {
	const s = Math.floor(ms / 1000);
	const base = `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
	return fps ? `${base}.${two(Math.floor(((ms % 1000) * fps) / 1000 + 1e-6))}` : base;
}

/** 1.4 GB */
export function sizeWord(bytes: number): string {
	const units = ["B", "kB", "MB", "GB", "TB", "PB"];
	let n = bytes;
	let unit = 0;
	while (n >= 999.5 && unit < units.length - 1) {
		n /= 1000;
		unit++;
	}
	return `${n >= 100 || unit === 0 ? Math.round(n) : Number(n.toPrecision(2))} ${units[unit]}`;
}

/** 10,412 */
export function countWord(n: number): string {
	return n.toLocaleString("en-GB");
}

/** 1 file, 3 files */
export function many(n: number, one: string, several = `${one}s`): string {
	return `${countWord(n)} ${n === 1 ? one : several}`;
}

/** A channel's number that wants smaller letters, as a data attribute says it. */
export function isLong(number: number): "" | undefined {
	return number > 999 ? "" : undefined;
}

/** 1080p, 4K, 576p; empty where unknown */
export function pictureWord(width: number | null | undefined, height: number | null | undefined): string {
	if (!width || !height) return "";
	if (width >= 3200 || height >= 1700) return "4K";
	for (const [w, h] of [[2400, 1300], [1800, 1000], [1200, 700]] as const)
		if (width >= w || height >= h) return h === 1300 ? "1440p" : h === 1000 ? "1080p" : "720p";
	return `${height}p`;
}

const CODECS: Record<string, string> = {
	h264: "H.264", hevc: "H.265", av1: "AV1", vp9: "VP9", vp8: "VP8", mpeg2video: "MPEG-2", mpeg4: "MPEG-4",
	vc1: "VC-1", aac: "AAC", ac3: "Dolby Digital", eac3: "Dolby Digital Plus", truehd: "TrueHD", dts: "DTS",
	mp3: "MP3", flac: "FLAC", opus: "Opus", vorbis: "Vorbis",
};

/** H.264 for h264; unknown ones as they are */
export function codecWord(codec: string | null | undefined): string {
	return codec ? (CODECS[codec.toLowerCase()] ?? codec) : "";
}

const CONTAINERS: Record<string, string> = {
	mov: "MP4", matroska: "Matroska", avi: "AVI", mpegts: "MPEG-TS", mpeg: "MPEG-PS", ogg: "Ogg", asf: "Windows Media", flv: "Flash video", webm: "WebM", mxf: "MXF", mp3: "MP3", wav: "WAV", flac: "FLAC",
};

/** MP4 for mov,mp4,m4a,3gp,3g2,mj2; unknown ones as they are */
export function containerWord(name: string | null | undefined): string {
	return name ? (CONTAINERS[name.split(",")[0]!] ?? name) : "";
}

/** Mono, stereo, 5.1 */
export function channelsWord(n: number | null | undefined): string {
	if (!n) return "";
	return n === 1 ? "mono" : n === 2 ? "stereo" : n === 6 ? "5.1" : n === 8 ? "7.1" : `${n} channels`;
}

const KINDS: Record<string, [string, string]> = {
	movie: ["Film", "Films"], episode: ["Episode", "Episodes"], show: ["Show", "Shows"], season: ["Season", "Seasons"], music: ["Music", "Music"],
	commercial: ["Commercial", "Commercials"], bumper: ["Bumper", "Bumpers"], ident: ["Ident", "Idents"],
	promo: ["Promo", "Promos"], filler: ["Filler", "Fillers"], intro: ["Intro", "Intros"], outro: ["Outro", "Outros"],
	interstitial: ["Interstitial", "Interstitials"], podcast: ["Podcast", "Podcasts"], article: ["Article", "Articles"],
	book: ["Book", "Books"], video: ["Video", "Videos"], clip: ["Clip", "Clips"], unknown: ["Unsorted", "Unsorted"],
};

/** Film / Films for movie; unknown kinds with a capital */
export function kindWord(kind: string | null | undefined, several = false): string {
	if (!kind) return "";
	const known = KINDS[kind];
	if (known) return known[several ? 1 : 0];
	const word = kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll("_", " ");
	return several && !word.endsWith("s") ? `${word}s` : word;
}

/** S2 E5; empty where there is none */
export function episodeWord(season: number | null | undefined, episode: number | null | undefined): string {
	if (episode == null) return season == null ? "" : `Season ${season}`;
	return season == null ? `Episode ${episode}` : `S${season} E${episode}`;
}
