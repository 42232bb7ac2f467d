/* batches.h - what moved files, as batches for people: listed, counted, undone. Their steps are in moves.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/db.h"

struct batch {
	int64_t id, undoes; /* undoes 0: none */
	const char *kind, *title, *state, *message;
	int64_t files, bytes, files_done, bytes_done, failed;
	int64_t created_ms;
};

int batches_add(struct db *db, const char *kind, const char *title, int64_t undoes, int64_t *ret_id, struct err *err);
int batches_get(struct db *db, int64_t id, struct arena *arena, struct batch *ret, struct err *err);
int batches_set_state(struct db *db, int64_t id, const char *state, const char *message, struct err *err);
/* Forgets plans from before that time that were never begun. */
int batches_drop_plans(struct db *db, int64_t before_ms, struct err *err);
/* Adds to the sums of what is to be done, or has been. */
int batches_plan(struct db *db, int64_t id, int64_t files, int64_t bytes, struct err *err);
int batches_count(struct db *db, int64_t id, int64_t done, int64_t bytes, int64_t failed, struct err *err);

/* The newest batch with something to take back; ERR_NOT_FOUND. */
int batches_last_undoable(struct db *db, int64_t *ret_id, struct err *err);
/* Moves that can be taken back. */
int batches_undoable(struct db *db, int64_t id, int64_t *ret_moves, struct err *err);
/* The first batch past `after` whose process died, or that waits for a disk since then; ERR_NOT_FOUND. */
int batches_interrupted(struct db *db, int64_t after, int64_t *ret_id, struct err *err);
/* Whether a batch was cut, and roots in which its files are. Those that wait for their disk count as cut; their roots are
 * not among them: it may be long until it comes. */
struct batch_roots {
	bool cut;
	int64_t *ids;
	size_t count;
};
int batches_interrupted_roots(struct db *db, struct arena *arena, struct batch_roots *ret, struct err *err);

/* {"total", "items": [{id, kind, title, state, message, at, files, bytes, files_done, bytes_done, failed, undoes,
 * undoable}]}, the newest first. kind NULL: all. */
json_t *batches_json(struct db *db, const char *kind, int64_t limit, int64_t offset, struct err *err);
/* One of them with "moves": [{id, file_id, action, from, to, size, state, message}]; at most `limit`. */
json_t *batches_one_json(struct db *db, int64_t id, int64_t limit, int64_t offset, struct err *err);
