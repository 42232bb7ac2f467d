/* chapters.h - the chapters of a file as markers: each as 'chapter', and as 'break' where a break makes sense. */
#pragma once

#include <stdint.h>

#include "store/items.h"
#include "store/probes.h"

/* Markers from the probe's chapters, in the arena. Breaks keep away from the first and last two minutes and four minutes
 * from each other. Pure. */
void chapters_to_markers(const struct probe *probe, struct arena *arena, struct marker_list *ret);

/* Replaces the chapter markers of the file's item, if it is this file that decides them. In the caller's transaction. */
int chapters_put(struct db *db, int64_t file_id, const struct probe *probe, struct err *err);
