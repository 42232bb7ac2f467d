/* apply_looks.h - rows whose file is at another place now: the disk is asked for some files ahead, and never in a transaction,
 * for a disk that does not answer would hold up every writer. Private to apply*.c. */
#pragma once

#include "library/apply_state.h"

/* Forgets what the disk said, and asks it of the rows that know these files. Ends the transaction at hand. */
int apply_looks_ahead(struct apply_state *s, const struct compare *c, const struct seen_file *const *files, size_t count,
		      struct err *err);

/* A row that knew this file at a path which does not lead to it any more; 0: none. In the transaction that apply_next_row()
 * begins here; one that is open ends first when the disk must be asked. */
int apply_looks_next(struct apply_state *s, const struct compare *c, const struct seen_file *file, int64_t *ret_id,
		     struct err *err);

/* The same by itself, in no transaction. */
int apply_looks_source(struct apply_state *s, const struct compare *c, const struct seen_file *file, int64_t *ret_id,
		       struct err *err);
