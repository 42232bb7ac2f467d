/* duplicate_rows.h - files with what tells copies apart. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/items.h"
#include "store/scan_rows.h"

struct duplicate_row {
	int64_t file_id, root_id, item_id; /* item_id 0: none */
	const char *root_path, *path;
	struct file_identity identity;
	int64_t links, added_ms;
	const char *sample_hash, *full_hash, *essence_hash; /* "" unknown */
	const char *video_codec, *audio_codec;		    /* "" none or unknown */
	int part, width, height, audio_channels, audio_tracks, subtitle_tracks;
	int64_t bit_rate, duration_ms;
};
struct duplicate_rows {
	struct duplicate_row *rows; /* by id */
	size_t count;
};

/* Present files of the items that a query means. */
int duplicate_rows_list(struct db *db, const struct item_query *query, struct arena *arena, struct duplicate_rows *ret,
			struct err *err);
