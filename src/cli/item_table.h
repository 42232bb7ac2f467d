/* item_table.h - items as `matinee items` shows them; in items.c. */
#pragma once

#include "cli/table.h"

/* A list as items_list_json() has it: a table, and on a terminal how many there are when they are not all. */
void items_print(const struct command_context *ctx, const json_t *list);
