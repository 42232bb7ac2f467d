/* api_library.ts - the library's half of the HTTP API: items changed, markers, duplicates, junk, order on the disk, and
 * the batches that can be undone. Every request goes through call() in api.ts. */
import { call, get, query, type Item, type Page } from "./api.ts";

/** So many groups, files or collections are asked for at once; see lib/paged.ts. */
const MOST = 1_000;

/** What a person can set on an item; null takes it off. */
export interface ItemWish {
	title?: string;
	year?: number | null;
	season?: number | null;
	episode?: number | null;
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
}

/** Value lists: what the house knows and what is in use, by field. */
export type Values = Record<string, (string | { value: string; count?: number; label?: string })[]>;

export const getValues = (signal?: AbortSignal) => get<Values>("/api/metadata/values", signal);
export const changeItem = (id: number, wish: ItemWish) => call<Item>("PATCH", `/api/items/${id}`, wish);

export interface BulkWish {
	q?: string;
	ids?: number[];
	set?: ItemWish;
	add_tags?: string[];
	remove_tags?: string[];
	dry_run?: boolean;
}

export const bulkItems = (wish: BulkWish) => call<{ matched: number; changed: number; undo?: number | null }>("POST", "/api/items/bulk", wish);
export const undoBulk = (id: number) => call<unknown>("POST", `/api/items/bulk/${id}/undo`);

export interface Marker {
	id: number;
	kind: string;
	start_ms: number;
	end_ms: number | null;
	title: string | null;
	source?: string | null;
}

/** A place that would do for a break, as the job that looked for them says it in `result.items`. */
export interface Candidate {
	at_ms: number;
	score: number;
	/** It would be taken: good enough, and far enough from the others. */
	chosen: boolean;
	why: string;
	black_ms: number;
	silence_ms: number;
}

export type MarkerWish = { kind?: string; start_ms?: number; end_ms?: number | null; title?: string };
export const addMarker = (item: number, wish: MarkerWish) => call<Marker>("POST", `/api/items/${item}/markers`, wish);
export const changeMarker = (item: number, id: number, wish: MarkerWish) => call<Marker>("PATCH", `/api/items/${item}/markers/${id}`, wish);
export const removeMarker = (item: number, id: number) => call<void>("DELETE", `/api/items/${item}/markers/${id}`);
export const findMarkers = (item: number) => call<{ job: number }>("POST", `/api/items/${item}/markers/generate`, { apply: false });
export const validateItem = (item: number) => call<{ job: number }>("POST", `/api/items/${item}/validate`);

export interface Change {
	at: string;
	what: string;
	before: unknown;
	after: unknown;
}

export const getHistory = (item: number, signal?: AbortSignal) => get<{ items: Change[] }>(`/api/items/${item}/history`, signal);

/* ---- collections */

export interface Collection {
	id: number;
	name: string;
	/** What belongs to it is what passes the filter. */
	smart: boolean;
	filter: string | null;
	notes: string;
	items: number;
}

export type CollectionWish = { name?: string; filter?: string | null; notes?: string };
export const getCollections = (signal?: AbortSignal) => get<Page<Collection>>(`/api/collections?${query({ limit: MOST })}`, signal);
export const getCollection = (id: number, signal?: AbortSignal) => get<Collection>(`/api/collections/${id}`, signal);
export const addCollection = (wish: CollectionWish) => call<Collection>("POST", "/api/collections", wish);
export const changeCollection = (id: number, wish: CollectionWish) => call<Collection>("PATCH", `/api/collections/${id}`, wish);
export const removeCollection = (id: number) => call<void>("DELETE", `/api/collections/${id}`);
export const getCollected = (id: number, offset: number, signal?: AbortSignal) => get<Page<Item>>(`/api/collections/${id}/items?${query({ limit: MOST, offset })}`, signal);

/** `to` counts from 1. */
export interface Collect {
	add?: number[];
	q?: string;
	remove?: number[];
	move?: { item: number; to: number };
}

export const collect = (id: number, what: Collect) => call<{ added: number; removed: number }>("POST", `/api/collections/${id}/items`, what);

/* ---- the same thing twice */

export interface Copy {
	id: number;
	item_id: number | null;
	path: string;
	size: number;
	hard_links?: number;
	resolution?: string | null;
	codecs?: string | null;
	bit_rate?: number | null;
	keep: boolean;
	why?: string | null;
}

export interface Group {
	id: number | string;
	kind: "full" | "sample" | "essence" | "near";
	evidence: Record<string, unknown> | string | null;
	reclaim_bytes: number;
	files: Copy[];
}

/** What a batch is to do, or would; the job carries it out. */
export interface Done {
	batch: number | null;
	job?: number | null;
	files: number;
	bytes: number;
}

export const getDuplicates = (offset: number, signal?: AbortSignal) => get<Page<Group>>(`/api/duplicates?${query({ limit: MOST, offset })}`, signal);
export const applyDuplicates = (groups: { id: Group["id"]; keep: number[] }[], dry_run: boolean) => call<Done>("POST", "/api/duplicates/apply", { groups, dry_run });

/* ---- what nobody wants, and what nobody knows */

export interface Junk {
	/** Of this list, for applyJunk. */
	id: number;
	file_id: number | null;
	path: string;
	size: number;
	folder: boolean;
	reason: string;
}

/** The station keeps what it found; `again` has it look once more. */
export interface JunkPage extends Page<Junk> {
	looked_at?: string;
}

export const getJunk = (offset: number, again: boolean, signal?: AbortSignal) => get<JunkPage>(`/api/junk?${query({ limit: MOST, offset, again: again ? 1 : undefined })}`, signal);
export const applyJunk = (ids: number[], dry_run: boolean) => call<Done>("POST", "/api/junk/apply", { ids, dry_run });
export const getUnknown = (offset: number, again: boolean, signal?: AbortSignal) => get<JunkPage>(`/api/unknown?${query({ limit: MOST, offset, again: again ? 1 : undefined })}`, signal);

/* ---- the trash */

export interface Trashed {
	batch: number;
	file_id: number | null;
	/** Where it was. */
	path: string;
	/** Where it lies now. */
	trash: string;
	size: number;
	at: string;
}

export const getTrash = (signal?: AbortSignal) => get<Page<Trashed> & { bytes: number }>("/api/trash", signal);
export const emptyTrash = (older_than_ms: number) => call<{ job: number }>("POST", "/api/trash/empty", { older_than_ms });

/* ---- order on the disk */

export interface Move {
	file_id: number;
	from: string;
	to: string;
	state: "ok" | "same" | "conflict";
	why?: string | null;
	sidecars?: { from: string; to: string }[];
}

export interface Plan {
	plan: number | string;
	moves: Move[];
	counts: Record<string, number>;
}

export type Action = "move" | "copy" | "hardlink" | "reflink";
export interface OrganizeWish {
	preset?: string;
	template?: string;
	action: Action;
	q?: string;
	ids?: number[];
	/** Only what lies in this folder of the library. */
	root?: number;
	/** Where it shall lie: a path in one of the folders. */
	to?: string;
}

export const previewOrganize = (wish: OrganizeWish) => call<Plan>("POST", "/api/organize/preview", wish);
export const applyOrganize = (plan: Plan["plan"]) => call<Done>("POST", "/api/organize/apply", { plan });

export interface Batch {
	id: number;
	kind: string;
	at: string;
	files: number;
	files_done?: number;
	bytes: number;
	state: string;
	undoable: boolean;
	title?: string | null;
	message?: string | null;
	failed?: number;
	/** The batch that it took back. */
	undoes?: number | null;
}

export const getBatches = (signal?: AbortSignal) => get<Page<Batch>>("/api/batches", signal);
export const getBatch = (id: number) => get<Batch>(`/api/batches/${id}?${query({ limit: 1 })}`);
export const undoBatch = (id: number) => call<Done>("POST", `/api/batches/${id}/undo`);
