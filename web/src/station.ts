/* station.ts - what the page knows of the station, kept fresh: channels, status, and whether it answers.
 *
 * Channels are fetched when something changed (events) and when a programme we know the end of has ended, those that it
 * concerns, and all of them once in a while for good measure. Between fetches `airing` moves on by the clock alone. */
import { computed, effect, signal } from "@preact/signals";
import { followEvents, getAlerts, getChannels, getStatus, type Alert, type Channel, type Programme, type Status } from "./api.ts";
import { now, time } from "./clock.ts";

export const channels = signal<Channel[] | null>(null);
export const status = signal<Status | null>(null);

/** new: not heard yet; up: answers; lost: did not answer the last time */
export const line = signal<"new" | "up" | "lost">("new");

/** Counts up whenever the library changed: read it to fetch again. */
export const libraryEdition = signal(0);
/** Counts up whenever any channel's schedule changed. */
export const guideEdition = signal(0);

/** Counts up whenever a job began, went on or ended. */
export const jobsEdition = signal(0);
/** Alerts as last heard, the newest first; those that have ended among them. */
export const alerts = signal<Alert[]>([]);

/** The alert that channel shows at t: of several the one of the highest priority, of equals the later. */
export function alertOn(channel: number, t: number): Alert | null {
	let top: Alert | null = null;
	for (const alert of alerts.value)
		if (alert.state === "running" && Date.parse(alert.start) <= t && Date.parse(alert.end) > t && (!alert.channels || alert.channels.includes(channel)))
			if (!top || alert.priority > top.priority || (alert.priority === top.priority && alert.id > top.id)) top = alert;
	return top;
}

export async function refreshAlerts(): Promise<void> {
	try {
		alerts.value = (await getAlerts()).items;
	} catch {
		/* the next event or minute asks again */
	}
}

export const byNumber = computed(() => new Map((channels.value ?? []).map((channel) => [channel.number, channel])));

/** What is on and next at t, from what was last fetched. */
export function airing(channel: Channel, t: number): { now: Programme | null; next: Programme | null } {
	if (channel.now && Date.parse(channel.now.end) > t) return { now: channel.now, next: channel.next };
	if (channel.next && Date.parse(channel.next.start) <= t)
		return Date.parse(channel.next.end) > t ? { now: channel.next, next: null } : { now: null, next: null };
	return { now: null, next: channel.next };
}

/** The fine row on the air, if it is still on the air at t. */
export function onAir(channel: Channel, t: number) {
	return channel.on && Date.parse(channel.on.end) > t ? channel.on : null;
}

const GAP = 5_000;
const WHOLE = 60_000;
const NAMED = 200; // a request that names more is as well one for all
let fetching = false;
let last = 0;
let due: ReturnType<typeof setTimeout> | undefined;
let all = false;
const named = new Set<number>();

/** Fetches the channels soon, all or those; many calls are one fetch. */
export function refreshChannels(ids?: number[]): void {
	if (ids) for (const id of ids) named.add(id);
	else all = true;
	if (fetching) return;
	clearTimeout(due);
	due = setTimeout(fetchChannels, Math.max(0, last + GAP - Date.now()));
}

async function fetchChannels(): Promise<void> {
	const ids = all || !channels.value || named.size > NAMED ? undefined : [...named];
	fetching = true;
	all = false;
	named.clear();
	try {
		const { items } = await getChannels(ids);
		const others = ids ? (channels.value ?? []).filter((channel) => !ids.includes(channel.id)) : [];
		channels.value = [...others, ...items.filter((channel) => channel.enabled !== false)].sort((a, b) => a.number - b.number);
		line.value = "up";
	} catch {
		line.value = "lost";
		all = true;
	}
	last = Date.now();
	fetching = false;
	if (all || named.size) refreshChannels([]);
}

let asking = false;

export async function refreshStatus(): Promise<void> {
	if (asking) return;
	asking = true;
	try {
		status.value = await getStatus();
		if (line.value === "lost") refreshChannels();
		line.value = "up";
	} catch {
		line.value = "lost";
	}
	asking = false;
}

/** Channels whose programme has ended and the next but one is not known. */
function stale(t: number): number[] {
	return (channels.value ?? [])
		.filter((channel) => channel.state === "ready" && (channel.now || channel.next) && !airing(channel, t).next)
		.map((channel) => channel.id);
}

export function startStation(): void {
	void refreshStatus().then(() => refreshChannels());
	followEvents(
		(name, data) => {
			if (name === "channel") {
				const id = (data as { id?: number } | null)?.id;
				guideEdition.value++;
				refreshChannels(id ? [id] : undefined);
			} else if (name === "library_updated") {
				libraryEdition.value++;
				refreshChannels();
				void refreshStatus();
			} else if (name === "alert") void refreshAlerts();
			else {
				if (name === "job") jobsEdition.value++;
				void refreshStatus();
			}
		},
		(up, missed) => {
			if (!up) return;
			void refreshAlerts();
			if (missed || line.value === "lost") {
				refreshChannels();
				void refreshStatus();
			}
			if (missed) for (const edition of [libraryEdition, guideEdition, jobsEdition]) edition.value++;
		},
	);
	let checked = time();
	let whole = checked;
	effect(() => {
		const t = now.value;
		if (document.hidden) return;
		if (Math.abs(t - whole) > WHOLE) {
			whole = checked = t;
			refreshChannels();
			void refreshStatus();
		} else if (Math.abs(t - checked) > 5_000) {
			const ids = stale(t);
			checked = t;
			if (ids.length) refreshChannels(ids);
		}
	});
}
