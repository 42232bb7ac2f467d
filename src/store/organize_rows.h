/* organize_rows.h - files with what is known of them, for naming them anew. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/items.h"
#include "store/scan_rows.h"

struct organize_row {
	int64_t file_id, root_id, item_id, show_id; /* 0: none */
	const char *root_path, *path;
	struct file_identity identity;
	const char *kind, *title, *show, *episode_title, *air_date, *company, *video_codec, *audio_codec;
	const char *imdb, *tmdb, *tvdb;
	int year, show_year, season, episode, episode_last, absolute, part, parts, height; /* -1 or 0 unknown */
	bool hidden; /* an extra: it follows and is not filed by itself */
};
struct organize_rows {
	struct organize_row *rows; /* by root and path */
	size_t count;
};

/* Present files of the items that a query means; query NULL: of all items, hidden ones too. */
int organize_rows_list(struct db *db, const struct item_query *query, struct arena *arena, struct organize_rows *ret,
		       struct err *err);
