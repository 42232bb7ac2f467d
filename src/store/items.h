/* items.h - what files are to people. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/db.h"

struct item {
	int64_t id, parent_id; /* 0: none */
	const char *kind, *title, *sort_title;
	int year, season, episode, episode_last, absolute_episode, part; /* -1: unknown */
	const char *air_date, *episode_title; /* "" unknown */
	int64_t duration_ms;
	bool hidden;
};

int items_get(struct db *db, int64_t id, struct arena *arena, struct item *ret, struct err *err);

/* What can be put on the air: visible items with a present file whose probe is ok, that was not found unplayable, has
 * pictures or sound, and lasts at least 1 s. The station's schedules pick from these. Empty or NULL texts and 0 do not filter. */
struct item_query {
	const char *kind;   /* "episode" */
	const char *show;   /* title of the show */
	const char *search; /* a filter: store/filter.h */
	int64_t root_id;
	const char *root_path;
	const char *sort;   /* for lists: relevance title added year duration modified aired */
	int64_t limit, offset;
	bool metadata; /* for lists: rows with what metadata_add_json() adds */
};

struct playable {
	int64_t item_id, file_id, show_id; /* show_id 0: none */
	const char *kind, *title, *show, *episode_title;
	int season, episode, year; /* -1 unknown */
	int part;		   /* of the item's files, from 1 */
	int64_t duration_flicks;   /* true length where known, else the probe's */
	const char *sample_hash;
	const char *sort_key;	   /* in order: place in the collection, show, season, episode, title, part, id; compare with strcmp */
	int fps_num, fps_den;
	const char *daypart, *air_season, *rating; /* "" unknown; the show's where the item has none */
	int64_t expires_ms;	      /* 0: never */
};
struct playable_list {
	struct playable *items; /* in order of sort_key */
	size_t count;
};
int items_playable(struct db *db, const struct item_query *query, struct arena *arena, struct playable_list *ret,
		   struct err *err);

/* Break points of an item, ms from its start, ascending. */
struct marker {
	int64_t id, start_ms, end_ms; /* end 0: none */
	const char *kind, *title, *source;
};
struct marker_list {
	struct marker *markers;
	size_t count;
};
int markers_list(struct db *db, int64_t item_id, struct arena *arena, struct marker_list *ret, struct err *err);
int markers_digest(struct db *db, uint64_t *ret, struct err *err); /* of all break points: another one when any has changed */
int markers_get(struct db *db, int64_t item_id, int64_t id, struct arena *arena, struct marker *ret, struct err *err);
int markers_set(struct db *db, int64_t item_id, const struct marker *marker, struct err *err); /* by its id; becomes manual */
int markers_remove(struct db *db, int64_t item_id, int64_t id, struct err *err);
json_t *marker_json(const struct marker *marker);
int markers_add(struct db *db, int64_t item_id, const struct marker *marker, int64_t *ret_id, struct err *err);

/* The files of an item that are there: by part, the best version first. */
struct item_media {
	int64_t file_id;
	const char *path; /* absolute */
	int part;
	int64_t size, mtime_ns, duration_ms; /* 0 unknown */
};
struct item_media_list {
	struct item_media *files;
	size_t count;
};
int item_media_list(struct db *db, int64_t item_id, struct arena *arena, struct item_media_list *ret, struct err *err);

/* For API and commands: {"total", "items": [...]} with keys as web/src/api_library.ts has them. New references. */
json_t *items_list_json(struct db *db, const struct item_query *query, struct err *err);
json_t *items_json(struct db *db, int64_t id, struct err *err); /* with files, probes, markers */
json_t *items_counts_json(struct db *db, struct err *err);	/* {"items", "files", "missing", "failed", "unprobed", "roots", "kinds": {...}} */
