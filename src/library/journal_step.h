/* journal_step.h - one step of a batch: on the disk, then in the rows. Alone, or as one of a group (journal_group.c) whose
 * folders are synced and whose rows are written together. Private to journal*.c. */
#pragma once

#include <string.h>

#include "library/busy_files.h"
#include "library/journal.h"
#include "library/spot.h"
#include "media/hash.h"

#define JOURNAL_ORIGINAL "%lld:%lld" /* new_value of a "remove": inode and time of what the copy was made of */

struct journal_step {
	const struct journal *journal;
	struct db *db;
	struct busy_files *busy;
	int64_t undoes; /* batch that this one takes back; 0: none */
	struct journal_progress *totals;
	struct spot_folders *later; /* of the group; NULL: alone */
	const uint64_t *announced;  /* folders that it has written down as to be made: journal_step_name() */
	size_t announced_count;
	bool gone;  /* of the last failure: nothing more can be done, the disk is gone or full */
	bool alone; /* of the last failure: nothing was done, for it cannot be done in a group */
};

/* Does it and writes it down. On failure nothing has changed, or the file is at one of its two places and the next
 * recovery knows which. */
int journal_step_run(struct journal_step *step, const struct move *move, struct err *err);

/* What can be one of a group: steps that need no row of their own between their beginning and their end. */
bool journal_step_groups(const struct move *move);
/* What stands for a name below a base; two names have the same by chance only. */
uint64_t journal_step_name(const char *base, const char *path);
/* On the disk only; *ret_now: the file where it is then. journal_step_put() is to follow. */
int journal_step_do(struct journal_step *step, const struct move *move, struct file_identity *ret_now, struct err *err);
/* The file leaves its folder, which may be empty then and is to be tidied after journal_step_do(): empty folders go, up to
 * its base. */
bool journal_step_empties(const struct move *move);
bool journal_step_same_folder(const struct move *a, const struct move *b);
void journal_step_tidy(struct journal_step *step, const struct move *move);
/* Into the rows, in the caller's transaction, which counts it too. */
int journal_step_put(struct db *db, const struct move *move, const struct file_identity *now, const char *sample_hash,
		     struct err *err);

/* journal_settle.c: a step that was in flight when the process died. Finds out what the disk says and writes it down:
 * done or skipped. <0 when it cannot be said now. `group`: the steps that were in flight with it, itself among them: a
 * file whose time was set may have been moved since. */
int journal_step_settle(struct journal_step *step, const struct move *move, const struct move_list *group,
			struct err *err);

/* Writes down that it was not done. */
int journal_step_skip(struct db *db, const struct move *move, struct err *err);

/* ---- what both share ---- */

struct journal_work {
	struct journal_step *step;
	const struct move *m;
	struct spot from, to;
	struct file_identity identity; /* of the source, now */
	int64_t copied;		       /* bytes of it, so far */
};

static inline bool journal_step_is(const struct move *m, const char *action)
{
	return strcmp(m->action, action) == 0;
}

static inline int journal_step_code(const struct err *err)
{
	return -(int)(err && err->code ? err->code : ERR_IO);
}

/* Looks just before a move to another disk, or a copy: opens both spots, or says why not. step->gone as for a step. */
int journal_step_ready(struct journal_work *work, struct err *err);
bool journal_step_is_end(const struct err *err); /* a failure after which nothing more can be done there */

/* What the source was in the plan. */
struct file_identity journal_step_planned(const struct move *m);

/* Done on the disk: writes it into the rows. sample_hash: of a file whose title was set, else NULL. */
int journal_step_write(struct journal_step *step, const struct move *m, const struct file_identity *now,
		       const char *sample_hash, struct err *err);

/* journal_title.c: sets the title of w->from, which is not in use. */
int journal_step_title(struct journal_work *w, char hash[HASH_TEXT_SIZE], struct err *err);
/* After a title was set: puts the old time back and reads the sample hash; w->identity is as it is then. */
int journal_step_hash(struct journal_work *w, char hash[HASH_TEXT_SIZE], struct err *err);
