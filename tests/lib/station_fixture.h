/* station_fixture.h - a store with a made-up library and clocks that a test turns, for everything in
 * station/. */
#pragma once

#include <stdint.h>

#include "lib/testlib.h"
#include "station/station_clocks.h"
#include "station/station_time.h"
#include "store/store.h"

struct station_fixture {
	char *dir;
	struct store *store;
	struct db *db;
	struct station_time *time;
	struct station_clocks clocks;
	int64_t wall_ns, boot_ns;
	char boot[64];
	int64_t root_id;
};

/* In place: the clocks point into it. Wall clock at `wall_ms`, a fresh boot. */
void station_fixture_open(struct station_fixture *f, int64_t wall_ms);
void station_fixture_close(struct station_fixture *f);

bool nothing_cached(void *context, const char *key, int64_t k); /* an on_air_has: false */

/* Both clocks run on. */
void station_fixture_pass(struct station_fixture *f, int64_t ns);

/* A present, probed file as an item; the show and its row are made when `show` is given. Returns the item. */
struct fixture_item {
	const char *kind, *title, *show;
	int season, episode, year;
	int64_t flicks;
	int fps_num, fps_den; /* 0: 25/1 */
};
int64_t station_fixture_item(struct station_fixture *f, const struct fixture_item *item);
void station_fixture_remove_item(struct station_fixture *f, int64_t item_id);
void station_fixture_break(struct station_fixture *f, int64_t item_id, int64_t start_ms, int64_t end_ms);

int64_t station_fixture_channel(struct station_fixture *f, int number, const char *name, const char *rules,
				int64_t seed);

/* Builds until `until_ns` and stops the test on failure. */
void station_fixture_build(struct station_fixture *f, int64_t channel_id, int64_t until_ns);

/* The invariants of the log of a channel: fails the test where one is broken. Returns the number of rows. */
size_t station_fixture_check(struct station_fixture *f, int64_t channel_id);

/* The whole log as text, one row a line: for comparing. Free it. `from_flicks` and `to_flicks` of the starts.
 */
char *station_fixture_dump(struct station_fixture *f, int64_t channel_id, int64_t from_flicks,
			   int64_t to_flicks);

/* An item of so many seconds; all of a channel's log. */
int64_t station_fixture_add(struct station_fixture *f, const char *kind, const char *title, int64_t seconds);
struct timeline_rows station_fixture_log(struct station_fixture *f, int64_t id, struct arena *arena);
struct airing_list station_fixture_airings(struct station_fixture *f, int64_t id, struct arena *arena);

/* The next of a row of numbers that is the same every time: 0..n-1, and lengths from a fraction of a second to
 * `most_ms` with crooked ends. */
int64_t station_fixture_draw(uint64_t *rng, int64_t n);
int64_t station_fixture_flicks(uint64_t *rng, int64_t most_ms);
