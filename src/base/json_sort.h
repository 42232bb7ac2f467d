/* json_sort.h - the items of a list in another order, by a field that they all have. */
#pragma once

#include "base/err.h"
#include "base/json.h"

/* `items`, an array of objects, by `sort`: the name of a field, with - before it from the last to the first. Nothing comes before
 * yes and no, these before numbers, these before texts, whose case does not matter; equal ones keep their order. ERR_USAGE
 * when one has no such field, or a list in it. */
int json_sort(json_t *items, const char *sort, struct err *err);
