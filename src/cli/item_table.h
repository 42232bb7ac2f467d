/* item_table.h - items as rows of a table, as `matinee items` shows them; in items.c. */
#pragma once

#include "cli/table.h"

extern const struct table_column items_columns[];
void items_add_row(struct table *table, const json_t *item); /* as items_list_json() has them */
