/* building.h - which channel is built on next: what the builder's thread remembers of each, and one turn at a time.
 *
 * First those that have less than two hours, then what an edit or the library has changed, then all others evenly; of those
 * the watched ones first. Nothing is done for a channel before it is due: once an hour. The builder's thread alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct building;
struct server;

struct building *building_new(struct server *server);
void building_free(struct building *building); /* NULL is fine */

/* A channel was added, edited or removed; with 0 all are built again beyond the lock. */
void building_changed(struct building *building, int64_t channel_id);
/* The library has changed: what is built from lists that are another now is built again. */
void building_library_changed(struct building *building);

/* What channels wait for may have come. */
void building_wake(struct building *building);

/* One turn of one channel, some ten ms. `patient`: turns that are not urgent can wait a little. When there is something
 * to do next, on the boot clock; not later than now: at once. */
int64_t building_turn(struct building *building, bool patient);
size_t building_due(const struct building *building); /* channels that were due at the last turn */
size_t building_unlooked(const struct building *building); /* of those, what an edit or the library has changed and nobody looked at */
/* Nothing more is to be done for now: lists are given up. */
void building_rest(struct building *building);
