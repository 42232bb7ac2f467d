/* api.ts - the HTTP API as the page sees it: every type and every fetch.
 *
 * Times are RFC 3339 strings with Z, durations ms. Every answer also sets the station's clock (clock.ts).
 * Not here: what is kept of the answers (station.ts). */
import { setClock } from "./clock.ts";

/** at: when it was last; count times since first */
export interface Befallen {
	channel: number | null;
	channel_id: number | null;
	at: string;
	reason: string;
	count?: number;
	first?: string;
}

export interface Status {
	version: string;
	now: string;
	started: string;
	/** The station's own time zone, now. */
	utc_offset_s?: number;
	uptime_ms: number;
	library: { items: number; files: number; missing: number; failed: number; unprobed: number; roots: number; kinds?: Record<string, number> };
	channels: { total: number; watched: number };
	workers: { pid: number; job: string | null; detail: string | null; since: string | null }[];
	cache: { bytes: number; limit: number; segments: number; hits?: number; misses?: number; evicted?: number; write_errors?: number; memory_bytes?: number; state?: "ok" | "full" | "unwritable"; why?: string | null };
	/** effort_off: so many steps less effort than wished, to keep up. */
	encode: { speed: number | null; effort_off?: number };
	viewers: number;
	/** What failed on the air in the last day, the newest first. */
	faults?: Befallen[];
	/** What somebody wanted: the house was stopped. */
	notes?: Befallen[];
	scan: { running: boolean; root: string | null; seen: number; probed: number; to_probe: number };
}

export interface Programme {
	id: string | number;
	channel: number;
	number: number;
	start: string;
	end: string;
	duration_ms: number;
	title: string;
	subtitle: string | null;
	kind: string;
	item_kind: string | null;
	season: number | null;
	episode: number | null;
	year: number | null;
	item_id: number | null;
	thumbnail: string | null;
	/** In the guide: false when it cannot be watched from its beginning. */
	catchup?: boolean;
}

export interface OnAir {
	kind: string;
	title: string;
	start: string;
	end: string;
}

export interface Channel {
	id: number;
	number: number;
	name: string;
	description: string | null;
	hue: number;
	enabled: boolean;
	profile: string | null;
	prepare?: Prepare;
	logo: string;
	stream: string;
	ts: string;
	viewers: number;
	state: "ready" | "empty" | "building" | "off";
	now: Programme | null;
	next: Programme | null;
	on: OnAir | null;
}

export interface GuideChannel {
	id: number;
	number: number;
	name: string;
	hue: number;
	logo: string;
	programmes: Programme[];
}

export interface Item {
	id: number;
	kind: string;
	title: string;
	sort_title: string;
	year: number | null;
	show: string | null;
	season: number | null;
	episode: number | null;
	episode_title: string | null;
	duration_ms: number | null;
	width: number | null;
	height: number | null;
	video_codec: string | null;
	audio_codec: string | null;
	size: number | null;
	state: "ok" | "missing" | "failed" | "new";
	thumbnail: string | null;
}

export interface MediaFile {
	id: number;
	path: string;
	size: number;
	mtime: string;
	state: string;
	error: string | null;
	container: string | null;
	duration_ms: number | null;
	video_codec: string | null;
	width: number | null;
	height: number | null;
	fps: number | null;
	interlaced: boolean | null;
	audio_codec: string | null;
	audio_channels: number | null;
	bit_rate: number | null;
	streams?: Stream[];
	/** Whether it is whole, as far as that was looked into. */
	validation?: { result: string; problems?: string[]; checked: string } | null;
}

export interface Stream {
	index?: number;
	type?: string;
	codec?: string;
	language?: string | null;
	title?: string | null;
	channels?: number | null;
	width?: number | null;
	height?: number | null;
}

export interface ItemDetail extends Item {
	files: MediaFile[];
	/** Of a show. */
	episodes?: Item[];
	markers: { id: number; kind: string; start_ms: number; end_ms: number | null; title: string | null; source?: string | null }[];
	daypart?: string | null;
	air_season?: string | null;
	rating?: string | null;
	company?: string | null;
	category?: string | null;
	audience?: string | null;
	warnings?: string | null;
	notes?: string | null;
	expires?: string | null;
	tags?: string[];
	/** Those by hand that it is in. */
	collections?: { id: number; name: string }[];
	airings?: Programme[];
}

export interface Page<T> {
	total: number;
	items: T[];
}

export type Sort = "title" | "added" | "year" | "duration";

/** Why a request failed. `status` 0: the server was not reached at all. */
export class ApiError extends Error {
	constructor(
		readonly status: number,
		readonly code: string,
		message: string,
	) {
		super(message);
	}
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>("GET", path, undefined, signal);

/** Every request goes through here. `body` is sent as JSON. */
export async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
	let answer: Response;
	const headers: Record<string, string> = { accept: "application/json", ...(body !== undefined && { "content-type": "application/json" }) };
	try {
		answer = await fetch(path, { method, headers, cache: "no-store", ...(body !== undefined && { body: JSON.stringify(body) }), ...(signal && { signal }) });
	} catch (cause) {
		if (signal?.aborted) throw cause;
		throw new ApiError(0, "unreachable", "The station does not answer.");
	}
	const date = Date.parse(answer.headers.get("date") ?? "");
	if (date) setClock(date + 500, "header");
	if (!answer.ok) {
		const said = (await answer.json().catch(() => null)) as { error?: { code?: string; message?: string } } | null;
		throw new ApiError(answer.status, said?.error?.code ?? "http", said?.error?.message ?? `The station answered ${answer.status} to ${path}.`);
	}
	if (answer.status === 204) return undefined as T;
	return (await answer.json().catch(() => {
		throw new ApiError(answer.status, "garbled", `The station's answer to ${path} could not be read.`);
	})) as T;
}

export function query(values: Record<string, string | number | undefined | null>): string {
	const q = new URLSearchParams();
	for (const [key, value] of Object.entries(values)) if (value !== undefined && value !== null && value !== "") q.set(key, String(value));
	return q.toString();
}

export async function getStatus(): Promise<Status> {
	const sent = performance.now();
	const status = await get<Status>("/api/status");
	const now = Date.parse(status.now);
	if (now) setClock(now + (performance.now() - sent) / 2, "status");
	return status;
}

/** All, or these. */
export const getChannels = (ids?: number[]) => get<Page<Channel>>(ids ? `/api/channels?ids=${ids.join(",")}` : "/api/channels");

/** Of `limit` channels by their number, from the offset-th on. */
export const getGuide = (from: number, to: number, offset: number, limit: number) =>
	get<{ from: string; to: string; channels: GuideChannel[] }>(`/api/guide?${query({ from: rfc(from), to: rfc(to), offset, limit })}`);

export const getItems = (ask: { q?: string; kind?: string; show?: string; sort?: Sort; limit: number; offset: number }, signal?: AbortSignal) =>
	get<Page<Item>>(`/api/items?${query(ask)}`, signal);

export const getItem = (id: number, signal?: AbortSignal) => get<ItemDetail>(`/api/items/${id}`, signal);

/* ---- channels and their rules */

export type Order = "order" | "shuffle" | "loop";
export type Prepare = "watched" | "always" | "never";

/** A channel's rules: docs/station.md says what each does. */
export interface Rules {
	query: { kind: string; show: string; root: string; search: string };
	order: Order;
	grid: number;
	spots: boolean;
	bumpers: boolean;
	loops: number;
	break_every: number;
	break_length: number;
}

export interface ChannelWish {
	number?: number;
	name?: string;
	description?: string;
	hue?: number;
	enabled?: boolean;
	prepare?: Prepare;
	profile?: string;
	schedule?: Rules;
}

/** One clip on the air, to the frame. */
export interface Row {
	start: string;
	end: string;
	duration_ms: number;
	kind: string;
	title: string;
	item_id: number | null;
	frames: number;
}

export const getRules = (id: number, signal?: AbortSignal) => get<{ schedule: Rules; seed: number }>(`/api/channels/${id}/schedule`, signal);
export const getRows = (id: number, from: number, to: number, signal?: AbortSignal) =>
	get<Page<Row>>(`/api/channels/${id}/timeline?${query({ from: rfc(from), to: rfc(to) })}`, signal);
export const addChannel = (wish: ChannelWish) => call<Channel>("POST", "/api/channels", wish);
export const changeChannel = (id: number, wish: ChannelWish) => call<Channel>("PATCH", `/api/channels/${id}`, wish);
export const removeChannel = (id: number) => call<void>("DELETE", `/api/channels/${id}`);
export const prepareChannel = (channel: number, hours: number) => call<{ job: number }>("POST", "/api/prepare", { channel, hours });

/* ---- folders */

export interface Root {
	id: number;
	path: string;
	kind: string;
	state: string;
	files?: number;
	present?: number;
	bytes?: number;
	failed?: number;
	vanished?: number;
	volume?: string | null;
	/** "watching 12 folders", "polling", "stalled"; "" where nobody looks by itself. */
	watch?: string;
	/** Seconds since it answered last. */
	stalled_s?: number | null;
	waiting?: { samples: number; probes: number; full_hashes: number; full_hash_bytes: number };
}

export const getRoots = (signal?: AbortSignal) => get<Page<Root>>("/api/roots", signal);
export const addRoot = (path: string, kind: string) => call<Root>("POST", "/api/roots", { path, kind });
export const removeRoot = (id: number) => call<void>("DELETE", `/api/roots/${id}`);

/** A folder in a place that a person looks into. */
export interface Folder {
	name: string;
	path: string;
	hidden: boolean;
	/** A symlink; opening it leads to the real place. */
	link: boolean;
	/** The station may not read it. */
	closed: boolean;
	/** Another disk begins here. */
	mounted: boolean;
}

export interface Place {
	name: "home" | "disks" | "root";
	path: string;
}

export interface Listing {
	path: string;
	parent: string | null;
	/** Of those asked for; at most 1,000 are in items. */
	total: number;
	/** Left out because they are hidden. */
	hidden: number;
	/** Files right in it. */
	videos: number;
	sounds: number;
	items: Folder[];
	places: Place[];
}

/** path "": where to begin. start: only names that begin so. Paths have %XX for bytes that are no text; so have control
 * characters here, which an address cannot hold. */
export const getFolders = (path: string, start: string, hidden: boolean, signal?: AbortSignal) =>
	get<Listing>(`/api/folders?${query({ path: plain(path), start: plain(start), hidden: hidden ? 1 : undefined })}`, signal);
const plain = (text: string) => text.replace(/[\u0001-\u001f\u007f]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`);

/* ---- alerts and jobs */

export interface Alert {
	id: number;
	text: string;
	state: "running" | "ended" | "cancelled";
	/** null: all channels. */
	channels: number[] | null;
	priority: number;
	for_ms: number;
	/** What it broke into goes on where it stopped. */
	resume?: boolean;
	start: string;
	end: string;
}

export const getAlerts = (limit = 20) => get<Page<Alert>>(`/api/alerts?${query({ limit })}`);
export const raiseAlert = (wish: { text: string; channels: number[] | null; priority: number; for_ms: number; resume?: boolean }) => call<Alert>("POST", "/api/alerts", wish);
export const cancelAlert = (id: number) => call<void>("DELETE", `/api/alerts/${id}`);

export interface Job {
	id: number;
	kind: string;
	state: "queued" | "running" | "done" | "failed" | "cancelled";
	/** What it is at, or how it ended, in words. */
	message?: string | null;
	payload?: Record<string, unknown> | null;
	result?: Record<string, unknown> | null;
	/** 0 to 1, or null where it is not known. */
	progress?: number | null;
	created?: string | null;
	started?: string | null;
	ended?: string | null;
}

export const getJobs = (signal?: AbortSignal) => get<Page<Job>>("/api/jobs", signal);
export const getJob = (id: number) => get<Job>(`/api/jobs/${id}`);
export const startJob = (kind: string, more: object = {}) => call<Job>("POST", "/api/jobs", { kind, ...more });
export const cancelJob = (id: number) => call<void>("DELETE", `/api/jobs/${id}`);

export const getLog = (lines = 200) => get<{ lines: string[] }>(`/api/log?${query({ lines })}`);

/** 2026-11-21T04:30:00Z */
export function rfc(t: number): string {
	return new Date(t).toISOString().replace(/\.\d+Z$/, "Z");
}

export const fileUrl = (id: number) => `/media/${id}/file`;
export const thumbnailUrl = (id: number) => `/media/${id}/thumbnail.jpg`;

/** A show has no picture of its own, only one of its episodes'. */
export const pictureOf = (item: Item) => (item.kind === "show" && item.thumbnail === thumbnailUrl(item.id) ? null : item.thumbnail);

export type EventName = "library_updated" | "channel" | "alert" | "job" | "scan" | "status";
const EVENTS: EventName[] = ["library_updated", "channel", "alert", "job", "scan", "status"];

/** A page in the background lets go of its line after so long: a browser has six for all pages of one station. */
const UNSEEN = 2_000;

/** Follows the station's events while the page is seen; `open` tells whether the line stands, and whether events may have
 * been missed before it did. */
export function followEvents(heard: (name: EventName, data: unknown) => void, open: (up: boolean, missed: boolean) => void): void {
	let source: EventSource | null = null;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let missed = false;
	const begin = () => {
		if (source) return;
		const mine = (source = new EventSource("/api/events"));
		mine.onopen = () => {
			open(true, missed);
			missed = false;
		};
		mine.onerror = () => {
			open(false, false);
			if (mine.readyState !== EventSource.CLOSED) return;
			end();
			timer = setTimeout(begin, 10_000);
		};
		for (const name of EVENTS)
			mine.addEventListener(name, (event) => {
				let data: unknown = null;
				try {
					data = JSON.parse((event as MessageEvent<string>).data);
				} catch {
					/* an event without data is an event all the same */
				}
				heard(name, data);
			});
	};
	const end = () => {
		source?.close();
		source = null;
		missed = true;
	};
	const look = () => {
		clearTimeout(timer);
		if (!document.hidden) begin();
		else timer = setTimeout(end, UNSEEN);
	};
	document.addEventListener("visibilitychange", look);
	look();
}
