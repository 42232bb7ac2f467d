/* discontinuity.h - where a channel that copies has an EXT-X-DISCONTINUITY, and its number: at every row's beginning, and where
 * what stands over a row begins, ends, or gives way to something stronger.
 *
 * A row's number is in its column (store/timeline.h); within a row the overrides that are committed say the rest. So the
 * number of a segment follows from rows alone and never changes once it may be published: an override begins past the
 * published edge, and the rows behind it, none of which is published, count it from then on. */
#pragma once

#include <stdint.h>

#include "store/channels.h"
#include "store/overrides.h"
#include "store/timeline.h"

/* Of the row's segment with that number. `overrides`: at least those that touch the row up to it, the strongest first. Pure. */
int64_t discontinuity_at(const struct timeline_row *row, const struct override_list *overrides, int64_t seq);

/* Of the first segment of the row that follows. */
int discontinuity_behind(struct db *db, const struct timeline_row *row, int64_t *ret, struct err *err);

/* What stands over [from, to) has changed, or rows were put in: the rows from there on are numbered again. Nothing is done on
 * a channel that does not copy. */
int discontinuity_renumber(struct db *writer, const struct channel *channel, int64_t seq_from, int64_t seq_to,
			   struct err *err);
