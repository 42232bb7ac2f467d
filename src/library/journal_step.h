/* journal_step.h - one step of a batch: on the disk, then in the rows. Private to journal.c. */
#pragma once

#include "library/busy_files.h"
#include "library/journal.h"

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

/* The step that was in flight when the process died: finds out what the disk says and writes it down: done or skipped.
 * <0 when it cannot be said now. */
int journal_step_settle(struct journal_step *step, const struct move *move, struct err *err);
