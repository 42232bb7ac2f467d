/* on_air_private.h - what on_air.c and on_air_past.c share. Not for others. */
#pragma once

#include "station/on_air.h"

/* The longest segment of a channel, in flicks. */
int64_t on_air_longest(const struct channel *channel);

/* -ERR_GONE with its sentence when `from` lies before the first row that is kept, else 0. */
int on_air_check_kept(struct db *db, const struct channel *channel, const struct station_time *time, int64_t from, struct err *err);
