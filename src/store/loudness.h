/* loudness.h - how loud files are, as rows: measured in workers (stream/loudness.c) for the files that air.
 *
 * A row counts only as long as the file has the sample hash with which it was measured. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/db.h"

struct loudness_row {
	bool complete; /* all of the file was heard, not only windows of it */
	bool silent;
	int integrated, true_peak, range; /* hundredths of LUFS, dBTP, LU; the last two of a complete one */
	const char *error;		  /* why it could not be measured; NULL */
};

/* ERR_NOT_FOUND, without touching err, when the file as it is has not been measured. */
int loudness_get(struct db *db, int64_t file_id, struct arena *arena, struct loudness_row *ret, struct err *err);
int loudness_set(struct db *db, int64_t file_id, const char *sample_hash, const struct loudness_row *row,
		 struct err *err);

/* The next file to measure, among those in the log's clips: with nothing known, or, with `complete`, not heard to its
 * end. In the order in which the log was built, from clip `after` on. ERR_NOT_FOUND, err untouched, at the end. */
struct loudness_wanted {
	int64_t clip_id, file_id;
	int64_t start_flicks; /* of loudness_of_channel(): of the first row that plays it */
	const char *path, *sample_hash;
};
int loudness_next(struct db *db, bool complete, int64_t after, struct arena *arena, struct loudness_wanted *ret,
		  struct err *err);

/* The first file of the channel's rows that begin in [from, to) of which nothing is known. ERR_NOT_FOUND, err untouched. */
int loudness_of_channel(struct db *db, int64_t channel_id, int64_t from_flicks, int64_t to_flicks, struct arena *arena,
			struct loudness_wanted *ret, struct err *err);

/* How many files the channel's rows play of which nothing is known. */
int loudness_unknown(struct db *db, int64_t channel_id, int64_t *ret, struct err *err);

/* {"lufs", "true_peak", "range", "complete", "silent", "error"} of a file, numbers in LUFS, dBTP, LU; null when nothing
 * is known. New reference; NULL with err. */
json_t *loudness_json(struct db *db, int64_t file_id, struct err *err);
