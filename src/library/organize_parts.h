/* organize_parts.h - the parts of planning, one file each. Private to organize_*.c. */
#pragma once

#include "library/organize_plan.h"

struct planning {
	struct db *db;
	const struct organize_request *request;
	struct arena *arena;
	struct organize_rows all; /* every file that is known, by root and path */
	struct organize_file **of_row; /* by index in all: its file in the plan, or NULL */
	struct organize_plan *plan;
	int64_t now_ns;
};

void organize_conflict(struct organize_file *file, const char *why);

/* Rows at or below a folder of a root ("": all of it): [*ret_first, *ret_end) of p->all. */
void organize_rows_below(const struct planning *p, int64_t root_id, const char *folder, size_t *ret_first,
			 size_t *ret_end);

void organize_sidecars(struct planning *p);  /* organize_sidecars.c: by the file's own name */
void organize_leftovers(struct planning *p); /* organize_sidecars.c: of folders that move as a whole */
int organize_conflicts(struct planning *p, struct err *err); /* organize_conflicts.c */
void organize_times(struct planning *p);     /* organize_times.c */
