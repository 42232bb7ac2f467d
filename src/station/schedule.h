/* schedule.h - which thing airs next: a channel's rules, its lists of playable things, and whose turn it is.
 *
 * Pure: same rules, same seed, same library, same cursor, same choice. Cursors are keys and hashes, never
 * indexes: what comes to the library or leaves it resets no turn. No rows and no time here
 * (timeline_builder.c). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/items.h"
#include "stream/plan.h"

enum schedule_order { SCHEDULE_ORDER, SCHEDULE_SHUFFLE, SCHEDULE_LOOP };

struct schedule_rules {
	struct item_query query;
	enum schedule_order order;
	int grid_minutes; /* 0: back to back */
	bool spots, bumpers;
	int loops;	    /* with SCHEDULE_LOOP: rounds until slate; 0 for ever */
	int break_every_s;  /* 0: only at markers */
	int break_length_s; /* at most so long with spots; 0: a tenth of the programme, 30 to 180 s */
	const char *rating_limit; /* nothing above it airs; NULL: anything */
	const char *spots_search; /* only these spots: a filter; NULL: all */
};

/* Reads rules as stored or as a person wrote them; every unknown key and bad value is named: ERR_INVALID.
 * Texts go to the arena. */
int schedule_parse(const char *rules_json, struct arena *arena, struct schedule_rules *ret, struct err *err);
json_t *schedule_json(const struct schedule_rules *rules); /* new reference; what schedule_parse() reads */

/* A thing that airs as one: the parts of an item in order. */
struct schedule_item {
	int64_t item_id;
	const char *kind, *title, *show, *episode_title, *sort_key; /* show "" for none */
	const struct playable **parts;
	size_t part_count;
	int64_t flicks; /* of all parts */
	const char *daypart, *air_season; /* "" any */
	int64_t expires_ms;  /* wall clock; 0 never */
};

/* When what is picked airs; the builder sets it before it picks. */
struct schedule_air {
	int64_t wall_ms; /* 0: not known, everything may air */
	const int64_t *avoid; /* items that must not air there: they keep their turn */
	size_t avoid_count;
};
struct schedule_ranked {
	uint64_t hash;
	const struct schedule_item *item;
};
struct schedule_items {
	struct schedule_item *items; /* by sort_key */
	size_t count;
	struct schedule_ranked *ring; /* for rounds: by hash(seed, item); NULL until schedule_ring() */
	int64_t shortest;	      /* flicks, of the ring's */
	const struct schedule_air *air; /* NULL: everything may air at any time */
};

/* The parts of the day, local time; what has no daypart, or one that people made up, is for any time. */
enum schedule_part {
	SCHEDULE_ANY,
	SCHEDULE_MORNING,
	SCHEDULE_AFTERNOON,
	SCHEDULE_EVENING,
	SCHEDULE_LATE_NIGHT,
	SCHEDULE_PARTS
};
enum schedule_part schedule_part_of(const char *daypart);
enum schedule_part schedule_part_at(const struct schedule_air *air); /* SCHEDULE_ANY: it is not known when */

/* What is asked of an item: that it has not expired, also that it is in season, also that it is its part of the day.
 * Spots must be all of it; programmes are when there is such a one. */
enum schedule_strictness { SCHEDULE_UNEXPIRED, SCHEDULE_IN_SEASON, SCHEDULE_IN_PART };
bool schedule_may_air(const struct schedule_air *air, const struct schedule_item *item, enum schedule_strictness how);

/* Groups a list from items_playable() by item; leaves out what is under 1 s or over a week. Borrows `list`.
 */
void schedule_group(const struct playable_list *list, struct arena *arena, struct schedule_items *ret);

struct schedule;

/* A round over spots, bumpers or filler: the least recently aired first. Those that did not fit are owed. */
#define SCHEDULE_OWED 16
#define SCHEDULE_PUT_OFF 16
struct schedule_round {
	uint64_t hash;
	int64_t item;		     /* last taken; 0 none yet */
	int64_t owed[SCHEDULE_OWED]; /* oldest first */
	size_t owed_count;
};

/* How far one part of the day has come. */
struct schedule_turn {
	const char *key;  /* in order, loop: last sort_key; NULL before the first */
	int64_t lap;	  /* times that its list has begun again */
	int64_t cycle;	  /* of the shuffle */
	uint64_t hash;
	int64_t shuffled; /* last item; 0 none yet */
	int64_t held;	  /* put off, since it had been the last of the cycle before; 0 none */
};

struct schedule_cursor {
	struct schedule_turn turns[SCHEDULE_PARTS];
	int64_t rounds;	 /* of the loop that are over */
	int64_t last;	 /* item that aired last, in whatever order */
	int64_t put_off[SCHEDULE_PUT_OFF]; /* their turn has come and they could not air: oldest first */
	size_t put_off_count, put_off_now; /* now: so many of them, the last, in this very airing */
	struct schedule_round spots, bumpers, fillers;
};

/* Programmes that are put off (schedule_put_off.c): the first that may air again; NULL when there is none. */
const struct schedule_item *schedule_put_off_next(const struct schedule *schedule, struct schedule_cursor *cursor);
/* False when too many are put off already. */
bool schedule_put_off(struct schedule_cursor *cursor, int64_t item_id);
/* This airing stands in the place of those that must not air: they go to the end, put_off_now says how many they are. */
void schedule_mark_put_off(struct schedule_cursor *cursor, const struct schedule_air *air);
/* It is on the list of what must not air. */
bool schedule_avoids(const struct schedule_air *air, int64_t item_id);

/* A cursor as text for airings.cursor, in the arena, and back. A damaged text is the beginning: never a
 * failure. */
const char *schedule_cursor_format(const struct schedule_cursor *cursor, struct arena *arena);
struct schedule_cursor schedule_cursor_parse(const char *text, struct arena *arena);

void schedule_ring(struct schedule_items *items, uint64_t seed, struct arena *arena);

struct schedule_turns; /* the programmes by part of the day, and the order of a cycle, kept between two picks */
struct schedule_turns *schedule_turns_new(const struct schedule *schedule); /* in its arena; after its rules and lists */

struct schedule {
	struct schedule_rules rules;
	uint64_t seed;
	struct schedule_items programmes, spots, bumpers, fillers;
	struct arena *arena;
	struct schedule_turns *turns;
	struct schedule_air *air; /* of all its lists */
	uint64_t digest;	  /* of what they hold; 0 unless they are kept (schedule_lists.h) */
};

/* The rules and the lists of a channel now. A channel without a schedule has an empty one. */
int schedule_load(struct db *db, int64_t channel_id, struct arena *arena, struct schedule *ret,
		  struct err *err);

/* Filler also where the rules want none: for the place of what cannot air. */
int schedule_load_fillers(struct db *db, struct schedule *schedule, struct err *err);

/* The next programme, the cursor moved past it; NULL when nothing is left to air. One with a daypart or an air season
 * airs in it only, unless there is nothing else. What was put off comes first; what must not air is put off. */
const struct schedule_item *schedule_next(struct schedule *schedule, struct schedule_cursor *cursor);

/* The next of a round that lasts at most `max_flicks` and is none of `used`; NULL when there is none. Moves
 * the round. The items have a ring. */
const struct schedule_item *schedule_round_next(const struct schedule_items *items,
						struct schedule_round *round, int64_t max_flicks,
						const int64_t *used, size_t used_count);

/* The channel's rate: what most of the playing time has, by profile_fps(); 25/1 for an empty list. */
struct plan_rate schedule_rate(const struct schedule *schedule);
