/* journal_keeper.h - the copy that is kept, looked at just before another goes to the trash. Private to journal*.c. */
#pragma once

#include "library/journal_step.h"

/* `move` is of action "trash" and may name a copy to keep (old_value its path, new_value what it is). ERR_CONFLICT when
 * that is not there, not what it was, or, where it is to be compared, not the same bytes. */
int journal_keeper_check(const struct journal_work *work, struct err *err);

/* The file of the step has the same bytes as another; ERR_CONFLICT when not. Takes as long as reading both. */
int journal_keeper_compare(const struct journal_work *work, const struct spot *other, struct err *err);
