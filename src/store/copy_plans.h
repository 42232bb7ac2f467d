/* copy_plans.h - where files may be cut when their pictures are copied, as rows: made in workers (stream/copy_plan.c) for
 * the files that air on channels that copy. A row is of a file and of the codec whose pictures the channel copies ("h264",
 * "hevc"), and counts only as long as the file has that sample hash. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/lengths.h"
#include "store/db.h"

/* Of what stream/copy_plan.c makes: raised when it would say something else of a file. Rows of another version count as none. */
#define COPY_PLAN_VERSION 3

struct copy_plan_row {
	struct lengths lengths; /* none: it cannot be copied */
	int width, height;
	const char *error; /* why not; NULL */
};

/* ERR_NOT_FOUND, without touching err, when nothing is known of the file as it is. */
int copy_plans_get(struct db *db, int64_t file_id, const char *codec /* NULL: any, a plan before a refusal */,
		   struct arena *arena, struct copy_plan_row *ret, struct err *err);
int copy_plans_set(struct db *db, int64_t file_id, const char *codec, const char *sample_hash,
		   const struct copy_plan_row *row, struct err *err);

/* {"possible", "segments", "why"} of a file; null when nobody has looked. New reference; NULL with err. */
json_t *copy_plans_json(struct db *db, int64_t file_id, struct err *err);

/* The next file that needs a plan, among those in clips of `profile` after clip `after`. ERR_NOT_FOUND, err untouched. */
struct copy_plan_wanted {
	int64_t clip_id, file_id;
	const char *path, *sample_hash;
	bool copied; /* the clip copies it, by a plan that counts no more */
};
int copy_plans_next(struct db *db, const char *profile, const char *codec, int64_t after, struct arena *arena,
		    struct copy_plan_wanted *ret, struct err *err);

/* The channel's log before a position has nothing that is copied, and encodes something that has a plan by now. */
int copy_plans_late(struct db *db, int64_t channel_id, const char *codec, int64_t before_flicks, bool *ret,
		    struct err *err);
