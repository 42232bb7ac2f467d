/* prepare.h - encode ahead, now: everything that a channel airs in the next hours, until it is in the cache. The command and
 * the job; what the server prepares by itself is preparer.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "station/station_time.h"
#include "store/db.h"
#include "server/past_watch.h"
#include "stream/producer.h"

#define PREPARE_HOURS 2
#define PREPARE_HOURS_MAX 72 /* as far as the log reaches */

struct prepare_totals {
	int64_t heard;		/* files whose loudness was measured first, so far; until then all else is 0 */
	int64_t segments, done; /* of the next hours; in the cache */
	int64_t failed;		/* that cannot be made */
	double speed;		/* x real time */
};

struct prepare {
	struct db *reader, *writer; /* the writer keeps how loud files are; not locked */
	const struct station_time *time;
	struct producer *producer;
	struct clip_cache *cache;
	struct past_watch *past; /* NULL: nobody watches the past */
	int64_t channel_id; /* 0: all that are enabled */
	int64_t hours;
	volatile bool *cancelled;
	void *context;
	void (*progress)(void *context, const struct prepare_totals *totals); /* about once a second */
};

/* What has not been heard is heard first, so that nothing is encoded with a gain that it will not air with. Blocks, on a thread of
 * its own. ERR_BUSY when it was cancelled, ERR_NO_SPACE when the cache is full of what airs sooner before the end,
 * ERR_CACHE when it cannot be written; what is done stays in any case. *ret is filled then too. */
int prepare_run(const struct prepare *prepare, struct prepare_totals *ret, struct err *err);

/* {"segments", "done", "failed", "speed"}. New reference. */
json_t *prepare_json(const struct prepare_totals *totals);
