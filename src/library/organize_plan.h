/* organize_plan.h - what filing would do: every file with its new place, its sidecars, or the reason why not.
 *
 * Reads rows and folders, changes nothing. journal.c does what a plan says, after looking again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "library/garbage_words.h"
#include "library/safe_name.h"
#include "store/moves.h"
#include "store/organize_rows.h"

struct organize_request {
	const char *preset;   /* or */
	const char *template; /* of every kind */
	const char *to;	      /* absolute folder; NULL: each file's own root */
	const char *action;   /* move copy hardlink reflink */
	const char *garbage;  /* file of words; NULL: none */
	struct item_query query;
	const char *const *paths; /* absolute; only what is at or below one of them; NULL: all */
	const int64_t *ids;	  /* only these items; NULL: all */
	size_t id_count;
	bool titles, times;	/* set titles of Matroska files, times in the order of episodes */
	int64_t settle_ms;	/* a file that changed since then may still be written */
	int64_t station_now_ns; /* 0: nothing is on the air */
};

enum organize_state { ORGANIZE_OK, ORGANIZE_SAME, ORGANIZE_CONFLICT };

struct organize_sidecar {
	const char *from, *to; /* below the bases of its file */
	struct file_identity identity;
	int64_t file_id; /* 0: without a row */
};

struct organize_file {
	const struct organize_row *row;
	const char *base, *to; /* target folder, and path below it; NULL when there is none */
	enum name_rules rules;
	int64_t to_dev;
	enum organize_state state;
	const char *why; /* of a conflict */
	struct organize_sidecar *sidecars;
	size_t sidecar_count, sidecar_cap;
	int64_t new_mtime_ns; /* 0: stays */
	const char *new_title; /* NULL: stays */
	size_t order;	      /* files whose place another takes go first */
};

struct organize_plan {
	struct organize_file *files; /* by root and path */
	size_t count;
	int64_t ok, same, conflicts, skipped; /* skipped: kinds that the preset does not file, extras */
	int64_t bytes;
};

/* In the arena. `db` is a reader, or the writer under its lock. ERR_USAGE for what was asked wrongly. */
int organize_plan(struct db *db, const struct organize_request *request, struct arena *arena,
		  struct organize_plan *ret, struct err *err);

/* The steps for journal_write(), in order. */
void organize_plan_moves(const struct organize_plan *plan, const struct organize_request *request,
			 struct arena *arena, struct move **ret, size_t *ret_count);

/* {"moves": [{file_id, item_id, from, to, state, why, sidecars: [{from, to}]}], "counts": {...}} */
json_t *organize_plan_json(const struct organize_plan *plan);
