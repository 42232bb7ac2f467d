/* media_work.h - long looks at the files of items, in worker processes: break points, and whether they can be
 * played. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "library/break_points.h"
#include "store/items.h"
#include "store/store.h"

struct media_work {
	struct store *store; /* its writer is used for what is stored */
	struct db *reader;
	unsigned workers; /* 0: 1 */
	void *context;
	void (*progress)(void *context, double progress, const char *what); /* may be NULL */
	volatile bool *cancelled;
};

/* Decodes the item's files and chooses break points; those that people set or that chapters gave stay, and
 * keep their distance. With `apply` they replace what was generated before. In the arena. */
int media_work_breaks(const struct media_work *work, int64_t item_id, bool apply, struct arena *arena,
		      struct break_points *ret, struct err *err);
/* {"total", "items": [{"at_ms", "at", "score", "chosen", "why", "black_ms", "luma", "silence_ms",
 * "level_db"}], "applied"} */
json_t *media_work_breaks_json(const struct break_points *points, bool applied);

#define BREAKS_LONGER_MS INT64_C(600000) /* of what is shorter nobody airs a part */

struct breaks_totals {
	int64_t items, done, breaks, failed; /* that are to be looked at; were; what was set; could not be looked at */
};
/* The same with `apply` for every film and episode of at least so many ms that has no breaks and was not looked at: what
 * airs first goes first. What cannot be looked at is noted, and not tried again until its files change. ERR_BUSY when it
 * was stopped; it goes on where it was. */
int media_work_breaks_all(const struct media_work *work, int64_t longer_ms, struct breaks_totals *ret, struct err *err);

struct validation_totals {
	int64_t items, files, failed;
};
/* Checks the files of these items and stores what was found; told() of each file with the JSON list of
 * problems. */
int media_work_validate(const struct media_work *work, const int64_t *items, size_t count,
			void (*told)(void *context, int64_t item_id, const struct item_media *file,
				     const json_t *problems),
			struct validation_totals *ret, struct err *err);
