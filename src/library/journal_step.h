/* journal_step.h - one step of a batch: on the disk, then in the rows. Private to journal*.c. */
#pragma once

#include <string.h>

#include "library/busy_files.h"
#include "library/journal.h"
#include "library/spot.h"
#include "media/hash.h"

struct journal_step {
	const struct journal *journal;
	struct db *db;
	struct busy_files *busy;
	int64_t undoes; /* batch that this one takes back; 0: none */
	struct journal_progress *totals;
	bool gone; /* of the last failure: nothing more can be done, the disk is gone or full */
};

/* Does it and writes it down. On failure nothing has changed, or the file is at one of its two places and the next
 * recovery knows which. */
int journal_step_run(struct journal_step *step, const struct move *move, struct err *err);

/* journal_settle.c: the step that was in flight when the process died. Finds out what the disk says and writes it down:
 * done or skipped. <0 when it cannot be said now. */
int journal_step_settle(struct journal_step *step, const struct move *move, struct err *err);

/* ---- what both share ---- */

struct journal_work {
	struct journal_step *step;
	const struct move *m;
	struct spot from, to;
	struct file_identity identity; /* of the source, now */
};

static inline bool journal_step_is(const struct move *m, const char *action)
{
	return strcmp(m->action, action) == 0;
}

static inline int journal_step_code(const struct err *err)
{
	return -(int)(err && err->code ? err->code : ERR_IO);
}

/* What the source was in the plan. */
struct file_identity journal_step_planned(const struct move *m);

/* Done on the disk: writes it into the rows. sample_hash: of a file whose title was set, else NULL. */
int journal_step_write(struct journal_step *step, const struct move *m, const struct file_identity *now,
		       const char *sample_hash, struct err *err);

/* After a title was set: puts the old time back and reads the sample hash; w->identity is as it is then. */
int journal_step_hash(struct journal_work *w, char hash[HASH_TEXT_SIZE], struct err *err);
