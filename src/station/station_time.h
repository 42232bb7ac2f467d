/* station_time.h - the station's own clock: never goes back, never jumps, survives kill -9.
 *
 * station = stored anchor + CLOCK_BOOTTIME of the same boot. On another boot it goes on at the wall clock, but never
 * below the stored high-water mark (kept about a minute ahead of the clock, so that a crash cannot undercut it within the
 * same boot it is not needed at all). Scale: ns since 1970 UTC when all is well. What people read is wall time:
 * station + the mapping row in force (station_wall); a wall clock that jumps and stays for 60 s appends a row. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

struct station_time;

/* The writer's: reads or makes the anchor. */
struct station_time *station_time_open(struct db *writer, struct err *err);
/* A reader's (CLI beside or without a server): computes from what is stored; writes nothing. */
struct station_time *station_time_read(struct db *reader, struct err *err);
void station_time_free(struct station_time *time);

int64_t station_now_ns(const struct station_time *time); /* thread-safe */

/* Wall ms of a station instant and back, by the mapping row in force there. Thread-safe. */
int64_t station_to_wall_ms(const struct station_time *time, int64_t station_ns);
int64_t station_from_wall_ms(const struct station_time *time, int64_t wall_ms);

/* This is another boot than the one that the store knew; and by how much its wall clock stood below the high-water mark as it
 * was opened (0: it did not). */
bool station_time_rebooted(const struct station_time *time);
int64_t station_time_lifted_ns(const struct station_time *time);

/* Writer, every few seconds: raises the high-water mark; 1 when a jump of the wall clock was accepted and the rows
 * beyond the lock must be built again. */
int station_time_tick(struct station_time *time, struct db *writer, struct err *err);
