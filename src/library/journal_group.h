/* journal_group.h - steps of a batch that are done together: one row of intent for all before the first, one sync of each
 * folder after the last, then one write of what they came to. Private to journal*.c.
 *
 * What a crash leaves, and why it is safe. In a group no name occurs twice, but for a file whose time is set and that is
 * then moved; so what became of a step is a question of its own names only, whatever became of the others.
 *   - Before the intent is on the disk: no file was touched. All steps are 'planned', and stay.
 *   - After it, the process dies: some steps of the group are done, one may be half way, the others are not begun; all are
 *     'begun'. Each is asked of the disk by itself (journal_settle.c): its file has its identity at the old or at the new name.
 *   - After it, the power goes: the file system has any of the renames and not others, each whole; only file systems
 *     known for that get groups (spot_folders_whole()). The same question is asked, and has the same answers.
 *   - Folders are synced, the rows are not written, or only some are: the same again for those that are 'begun' still.
 *   - The rows are written: they say what is on the disk already, for the folders were synced before.
 * Nothing is removed in a group but a copy whose original was looked at just before (undo of a copy). Small copies to
 * another disk go together by a way of their own (journal_copy.c). What cannot be done so, large copies and titles, is done
 * alone, each step with rows of its own. */
#pragma once

#include "library/journal_step.h"
#include "library/spot_folders.h"

#define JOURNAL_GROUP_MAX 128
#define JOURNAL_PAGE (2 * JOURNAL_GROUP_MAX) /* moves read at a time; a group ends with its page */

struct journal_run {
	const struct journal *journal;
	struct journal_step step;
	struct journal_progress totals;
	int64_t failed_team; /* whose first file did not move; its sidecars stay with it */
	bool unsettled;	     /* what was done could not be written down: the next recovery asks the disk */
	int64_t whole_dev;   /* the disk that was asked last, and what it said */
	bool whole;
};

/* Does the first of these moves, and as many after it as go with it; *ret_taken are behind. Moves that are not planned are
 * passed. <0 when the batch cannot go on. */
int journal_group_run(struct journal_run *run, const struct move *moves, size_t count, size_t *ret_taken, struct err *err);

/* ---- for journal_copy.c ---- */

struct journal_outcome {
	const char *state; /* NULL: not tried; "done" */
	const char *why;
	struct file_identity now;
};

struct journal_group {
	struct journal_run *run;
	const struct move *moves;
	size_t count; /* of them in the group; those that are not planned among them */
	size_t tried;
	bool copies; /* they are done by journal_copies_run() */
	struct journal_outcome outcomes[JOURNAL_GROUP_MAX];
	const struct move *left; /* the last whose folder may be empty now */
	struct spot_folders folders;
	uint64_t *announced;
	size_t announced_count, announced_cap;
	struct arena arena;
};

/* False: it stays, for the file that it belongs to did; that is its outcome then. */
bool journal_group_begin(struct journal_group *g, size_t i);
void journal_group_done(struct journal_group *g, size_t i); /* but for outcomes[i].now */
/* `stopped` is set when the batch cannot go on. */
void journal_group_failed(struct journal_group *g, size_t i, const struct err *why, struct err *stopped);
void journal_group_skip(struct journal_group *g, size_t i); /* as journal_group_begin() does */
/* Empty folders behind the last step go, unless the next leaves the same; NULL: there is none. */
void journal_group_tidy(struct journal_group *g, const struct move *next);
