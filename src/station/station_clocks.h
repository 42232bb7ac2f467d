/* station_clocks.h - the clocks station time is made of, so that a test can bring its own. Private to
 * station/. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "station/station_time.h"

struct station_clocks {
	void *context;
	int64_t (*wall_ns)(void *context);
	int64_t (*boot_ns)(void *context);
	void (*boot_id)(void *context, char *to, size_t size); /* size at least 64 */
};

struct station_time *station_time_open_with(struct db *writer, const struct station_clocks *clocks,
					    struct err *err);
struct station_time *station_time_read_with(struct db *reader, const struct station_clocks *clocks,
					    struct err *err);
