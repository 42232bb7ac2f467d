/* journal.h - runs batches of moves so that every one of them can be undone, also after a crash in the middle.
 *
 * All rows of a batch are on the disk before the first file moves. Steps are done in their order, in groups: a group is
 * written down as begun, done, synced, and written down as done (journal_group.h has the argument for each moment at
 * which power or process can go). So after that the steps of one group are in question, and the disk answers each. One
 * batch runs at a time in a data folder (a lock file says so). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/batches.h"
#include "store/moves.h"
#include "store/store.h"

struct journal_progress {
	int64_t batch_id;
	int64_t files, files_done, failed;
	int64_t bytes, bytes_done;
	const char *path; /* of the step at hand, below its base; NULL at the end */
};

struct journal {
	struct store *store;	/* writing */
	int64_t station_now_ns; /* 0: no server runs, nothing is on the air */
	void *context;
	void (*progress)(void *context, const struct journal_progress *progress); /* may be NULL */
	/* A step that was not done, with its reason; may be NULL. */
	void (*failed)(void *context, const struct move *move, const char *why);
	volatile bool *cancelled; /* may be NULL */
};

/* Writes a batch, as 'planned'. Identity of the sources and to_dev are the caller's; batch_id is set here. */
int journal_write(struct store *store, const char *kind, const char *title, int64_t undoes, struct move *moves,
		  size_t count, int64_t *ret_batch, struct err *err);

/* Does what a planned batch says. 0 also when single files failed (ret->failed); <0 when it stopped: disk full, disk
 * gone, cancelled. What was done stays done and can be undone. ERR_BUSY when another batch runs. */
int journal_run(const struct journal *journal, int64_t batch_id, struct journal_progress *ret, struct err *err);

/* Plans a batch that takes back what a batch did, last first; journal_run() does it. ERR_NOT_FOUND: nothing to undo. */
int journal_undo(struct store *store, int64_t batch_id, int64_t *ret_batch, struct err *err);

/* Settles batches whose process died: each file that was in flight is brought to one of its two places, what had not
 * begun is left. Returns how many were settled; those whose disk is away wait for the next time. ERR_BUSY when one is
 * running. */
int journal_recover(struct store *store, struct err *err);
