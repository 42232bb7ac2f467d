/* station_clock.h - the station's anchor and its wall mapping, as rows. What they mean:
 * station/station_time.h. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

struct station_anchor {
	char boot_id[64];
	int64_t boot_ns, station_ns, high_water_ns;
};

/* 1 found, 0 none yet. */
int station_anchor_get(struct db *db, struct station_anchor *ret, struct err *err);
int station_anchor_set(struct db *db, const struct station_anchor *anchor, struct err *err);
int station_anchor_raise(struct db *db, int64_t high_water_ns, struct err *err); /* never lowers it */

/* From this station time on, wall time is station time plus the difference. */
struct station_wall {
	int64_t from_ns, difference_ns;
};
struct station_walls {
	struct station_wall *rows; /* by from_ns */
	size_t count;
};
int station_walls_list(struct db *db, struct arena *arena, struct station_walls *ret, struct err *err);
int station_walls_add(struct db *db, const struct station_wall *row, struct err *err);
