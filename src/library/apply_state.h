/* apply_state.h - what apply.c, apply_looks.c and apply_swaps.c share. Private to them. */
#pragma once

#include "library/apply.h"

struct apply_state {
	const struct apply *apply;
	struct arena arena;
	int64_t *moved; /* ids of rows that moved; ascending up to moved_sorted */
	size_t moved_count, moved_cap, moved_sorted;
	int in_batch; /* rows in the open transaction; 0: none is open */
	int64_t batch_ms;
	int batches;
	bool stopped; /* between two rows */
	struct apply_look *looks; /* apply_looks.c: what the disk said */
	size_t look_count, look_cap;
	struct arena look_arena;
};

/* Before each row. ERR_BUSY when the scan is to stop. */
int apply_next_row(struct apply_state *s, struct err *err);
int apply_end_batch(struct apply_state *s, struct err *err);

void apply_sort_moved(struct apply_state *s);
bool apply_has_moved(const struct apply_state *s, int64_t id); /* as of the last sort */

/* The changed, then the touched files, as `done` counts them. */
const struct seen_file *apply_file_at(const struct compare *c, size_t i);

int apply_put_moved(struct apply_state *s, const struct compare *c, const struct seen_file *file, int64_t id,
		    struct err *err);
int apply_put_gone(struct apply_state *s, const struct compare *c, const struct known_file *known,
		   struct err *err);

/* apply_swaps.c: files on paths whose rows are of other files. */
int apply_swaps(struct apply_state *s, struct compare *compares, size_t count, bool **done, struct err *err);
