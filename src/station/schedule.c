/* schedule.c - see schedule.h. Turns: in order by sort_key, shuffled by hash(seed, cycle, item), rounds by
 * hash(seed, item).
 *
 * The shuffle: in each cycle the items follow their hashes; an item that is added gets its own place and
 * moves no other. At a cycle's border the first may be the one that aired last: then the second goes first
 * and the first is held for the turn after it.
 *
 * Not here: rules and cursors as text (schedule_rules.c, schedule_cursor.c), programmes whose turn is kept for later
 * (schedule_put_off.c), when anything airs (timeline_plan.c). */
#include "station/schedule.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <xxhash.h>

#include "store/channels.h"
#include "store/filter.h"
#include "store/rating.h"
#include "stream/profile.h"

#define MIN_FLICKS (PLAN_FLICKS * 21 / 20)	 /* 1 s in whole frames of any rate */
#define MAX_FLICKS (7 * 24 * 3600 * PLAN_FLICKS) /* a longer one is a container's lie */

struct schedule_shuffle {
	int64_t cycle;
	struct schedule_ranked *ranked; /* by hash, item; as many as programmes */
	bool ready;
};

static uint64_t hash_of(uint64_t seed, int64_t cycle, int64_t item_id)
{
	uint8_t bytes[16];

	for (int i = 0; i < 8; i++) {
		bytes[i] = (uint8_t)((uint64_t)cycle >> 8 * i);
		bytes[8 + i] = (uint8_t)((uint64_t)item_id >> 8 * i);
	}
	return XXH3_64bits_withSeed(bytes, sizeof(bytes), seed);
}

/* ---- lists ---- */

static int by_item_and_part(const void *a, const void *b)
{
	const struct playable *p = *(const struct playable *const *)a,
			      *q = *(const struct playable *const *)b;

	if (p->item_id != q->item_id)
		return p->item_id < q->item_id ? -1 : 1;
	if (p->part != q->part)
		return p->part < q->part ? -1 : 1;
	return p->file_id < q->file_id ? -1 : p->file_id > q->file_id;
}

static int by_sort_key(const void *a, const void *b)
{
	const struct schedule_item *p = a, *q = b;
	int order = strcmp(p->sort_key, q->sort_key);

	return order ? order : p->item_id < q->item_id ? -1 : p->item_id > q->item_id;
}

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static struct schedule_item first_of(const struct playable *p, const struct playable **parts)
{
	return (struct schedule_item) {
		.item_id = p->item_id,
		.kind = text_or_empty(p->kind),
		.title = text_or_empty(p->title),
		.show = text_or_empty(p->show),
		.episode_title = text_or_empty(p->episode_title),
		.sort_key = text_or_empty(p->sort_key),
		.daypart = text_or_empty(p->daypart),
		.expires_ms = p->expires_ms,
		.parts = parts,
	};
}

void schedule_group(const struct playable_list *list, struct arena *arena, struct schedule_items *ret)
{
	const struct playable **all = arena_alloc(arena, (list->count + 1) * sizeof(*all));
	struct schedule_items items = { 0 };
	size_t n = 0, kept = 0, cap = 0;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].duration_flicks >= MIN_FLICKS &&
		    list->items[i].duration_flicks <= MAX_FLICKS)
			all[n++] = &list->items[i];
	qsort(all, n, sizeof(*all), by_item_and_part);
	for (size_t i = 0; i < n; i++) {
		struct schedule_item *last = items.count ? &items.items[items.count - 1] : NULL;

		/* Two files of one part are two copies of it: the older row airs. */
		if (last && last->item_id == all[i]->item_id &&
		    last->parts[last->part_count - 1]->part == all[i]->part)
			continue;
		if (!last || last->item_id != all[i]->item_id) {
			ARENA_GROW(arena, items.items, items.count, cap);
			last = &items.items[items.count++];
			*last = first_of(all[i], &all[kept]);
		}
		all[kept++] = all[i]; /* never past i: the parts of an item stay together in the same array */
		last->part_count++;
		last->flicks += all[i]->duration_flicks;
	}
	if (items.count)
		qsort(items.items, items.count, sizeof(*items.items), by_sort_key);
	*ret = items;
}

/* ---- what may air when ---- */

/* The parts of the day, local time; one that people made up is any time. */
static bool in_daypart(const char *daypart, int hour)
{
	static const struct {
		const char *name;
		int from, to; /* hours; to may lie on the next day */
	} parts[] = { { "morning", 6, 12 }, { "afternoon", 12, 18 }, { "evening", 18, 23 }, { "late_night", 23, 30 } };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcasecmp(parts[i].name, daypart) == 0)
			return (hour >= parts[i].from && hour < parts[i].to) || hour + 24 < parts[i].to;
	return true;
}

bool schedule_may_air(const struct schedule_items *items, const struct schedule_item *item, bool spot)
{
	int64_t wall_ms = items->air ? items->air->wall_ms : 0;
	time_t wall = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (!wall_ms)
		return true;
	if (item->expires_ms && item->expires_ms <= wall_ms)
		return false;
	if (!spot || !item->daypart || !*item->daypart)
		return true;
	localtime_r(&wall, &tm);
	return in_daypart(item->daypart, tm.tm_hour);
}

/* ---- in order ---- */

static const struct schedule_item *next_in_order(const struct schedule *schedule,
						 struct schedule_cursor *cursor)
{
	const struct schedule_items *list = &schedule->programmes;
	size_t low = 0, high = list->count;

	while (cursor->key && low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(list->items[middle].sort_key, cursor->key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == list->count) {
		int loops = schedule->rules.order == SCHEDULE_LOOP ? schedule->rules.loops : 0;

		/* Counted only where it matters, so that a loop that is limited later has all its rounds. */
		if (loops && cursor->rounds + 1 >= loops)
			return NULL;
		cursor->rounds += loops > 0;
		low = 0;
	}
	cursor->key = list->items[low].sort_key;
	return &list->items[low];
}

/* ---- shuffled ---- */

static int by_hash(const void *a, const void *b)
{
	const struct schedule_ranked *p = a, *q = b;

	if (p->hash != q->hash)
		return p->hash < q->hash ? -1 : 1;
	return p->item->item_id < q->item->item_id ? -1 : p->item->item_id > q->item->item_id;
}

struct schedule_shuffle *schedule_shuffle_new(const struct schedule *schedule)
{
	struct schedule_shuffle *shuffle = arena_alloc(schedule->arena, sizeof(*shuffle));

	shuffle->ranked =
		arena_alloc(schedule->arena, (schedule->programmes.count + 1) * sizeof(*shuffle->ranked));
	return shuffle;
}

static const struct schedule_ranked *ranked_cycle(struct schedule *schedule, int64_t cycle)
{
	const struct schedule_items *list = &schedule->programmes;
	struct schedule_shuffle *shuffle = schedule->shuffle;

	if (shuffle->ready && shuffle->cycle == cycle)
		return shuffle->ranked;
	for (size_t i = 0; i < list->count; i++)
		shuffle->ranked[i] = (struct schedule_ranked) {
			.hash = hash_of(schedule->seed, cycle, list->items[i].item_id),
			.item = &list->items[i],
		};
	qsort(shuffle->ranked, list->count, sizeof(*shuffle->ranked), by_hash);
	shuffle->cycle = cycle;
	shuffle->ready = true;
	return shuffle->ranked;
}

/* First place after a hash and item; 0 for item 0. `count` when there is none. */
static size_t rank_after(const struct schedule_ranked *ranked, size_t count, uint64_t hash, int64_t item_id)
{
	size_t low = 0, high = count;

	while (item_id && low < high) {
		size_t middle = low + (high - low) / 2;
		const struct schedule_ranked *r = &ranked[middle];

		if (r->hash < hash || (r->hash == hash && r->item->item_id <= item_id))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The item that was held, unless it has gone or would follow itself. */
static const struct schedule_item *release_held(const struct schedule *schedule,
						struct schedule_cursor *cursor)
{
	int64_t held = cursor->held;

	cursor->held = 0;
	if (!held || held == cursor->last)
		return NULL;
	for (size_t i = 0; i < schedule->programmes.count; i++)
		if (schedule->programmes.items[i].item_id == held)
			return &schedule->programmes.items[i];
	return NULL;
}

static const struct schedule_item *next_shuffled(struct schedule *schedule, struct schedule_cursor *cursor)
{
	size_t count = schedule->programmes.count;
	const struct schedule_item *held = release_held(schedule, cursor);
	const struct schedule_ranked *ranked;
	size_t at;

	if (held)
		return held;
	ranked = ranked_cycle(schedule, cursor->cycle);
	at = rank_after(ranked, count, cursor->hash, cursor->shuffled);
	if (at == count) {
		ranked = ranked_cycle(schedule, ++cursor->cycle);
		at = 0;
	}
	if (count > 1 && ranked[at].item->item_id == cursor->last) {
		if (at + 1 < count) {
			cursor->held = ranked[at++].item->item_id;
		} else { /* alone at the end of its cycle: it has just had its turn */
			ranked = ranked_cycle(schedule, ++cursor->cycle);
			at = 0;
			if (ranked[at].item->item_id == cursor->last)
				cursor->held = ranked[at++].item->item_id;
		}
	}
	cursor->hash = ranked[at].hash;
	cursor->shuffled = ranked[at].item->item_id;
	return ranked[at].item;
}

const struct schedule_item *schedule_next(struct schedule *schedule, struct schedule_cursor *cursor)
{
	const struct schedule_item *item = schedule_put_off_next(schedule, cursor);

	if (item) {
		cursor->last = item->item_id;
		return item;
	}
	/* What has expired by then loses its turn. Twice round finds what is left, also past a border of cycles. */
	for (size_t tries = 0; tries < 2 * schedule->programmes.count; tries++) {
		if (schedule->rules.order == SCHEDULE_SHUFFLE)
			item = next_shuffled(schedule, cursor);
		else
			item = next_in_order(schedule, cursor);
		if (!item)
			return NULL;
		if (schedule_avoids(&schedule->programmes, item->item_id)) {
			if (!schedule_put_off(cursor, item->item_id))
				return NULL;
			continue;
		}
		cursor->last = item->item_id;
		if (schedule_may_air(&schedule->programmes, item, false))
			return item;
	}
	return NULL;
}

/* ---- rounds ---- */

static bool among(int64_t id, const int64_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == id)
			return true;
	return false;
}

static void owe(struct schedule_round *round, int64_t item_id)
{
	if (among(item_id, round->owed, round->owed_count))
		return;
	if (round->owed_count == SCHEDULE_OWED)
		memmove(round->owed, round->owed + 1, --round->owed_count * sizeof(*round->owed));
	round->owed[round->owed_count++] = item_id;
}

static void forget(struct schedule_round *round, size_t i)
{
	round->owed_count--;
	memmove(&round->owed[i], &round->owed[i + 1], (round->owed_count - i) * sizeof(*round->owed));
}

static const struct schedule_item *find_item(const struct schedule_items *items, int64_t item_id)
{
	for (size_t i = 0; i < items->count; i++)
		if (items->items[i].item_id == item_id)
			return &items->items[i];
	return NULL;
}

static const struct schedule_item *next_owed(const struct schedule_items *items, struct schedule_round *round,
					     int64_t max_flicks, const int64_t *used, size_t used_count)
{
	for (size_t i = 0; i < round->owed_count;) {
		const struct schedule_item *item = find_item(items, round->owed[i]);

		if (item && (item->flicks > max_flicks || among(item->item_id, used, used_count) ||
			     !schedule_may_air(items, item, true) || schedule_avoids(items, item->item_id))) {
			i++;
			continue;
		}
		forget(round, i);
		if (item)
			return item;
	}
	return NULL;
}

void schedule_ring(struct schedule_items *items, uint64_t seed, struct arena *arena)
{
	items->ring = arena_alloc(arena, (items->count + 1) * sizeof(*items->ring));
	items->shortest = INT64_MAX;
	for (size_t i = 0; i < items->count; i++) {
		const struct schedule_item *item = &items->items[i];

		items->ring[i] = (struct schedule_ranked) { hash_of(seed, 0, item->item_id), item };
		items->shortest = item->flicks < items->shortest ? item->flicks : items->shortest;
	}
	if (items->count)
		qsort(items->ring, items->count, sizeof(*items->ring), by_hash);
}

const struct schedule_item *schedule_round_next(const struct schedule_items *items,
						struct schedule_round *round, int64_t max_flicks,
						const int64_t *used, size_t used_count)
{
	const struct schedule_item *item;
	struct schedule_round trial = *round;
	size_t at;

	if (items->count == 0 || items->shortest > max_flicks)
		return NULL;
	item = next_owed(items, round, max_flicks, used, used_count);
	if (item)
		return item;
	at = rank_after(items->ring, items->count, round->hash, round->item);
	for (size_t tries = 0; tries < items->count; tries++, at++) {
		const struct schedule_ranked *r = &items->ring[at % items->count];

		item = r->item;
		if (among(item->item_id, used, used_count) || !schedule_may_air(items, item, true) ||
		    among(item->item_id, trial.owed, trial.owed_count))
			continue;
		if (item->flicks > max_flicks || schedule_avoids(items, item->item_id)) {
			owe(&trial, item->item_id);
			continue;
		}
		trial.hash = r->hash;
		trial.item = item->item_id;
		*round = trial;
		return item;
	}
	return NULL;
}

/* ---- loading ---- */

static bool is_programme(const char *kind)
{
	static const char *const others[] = { "commercial", "bumper", "ident", "promo",
					      "filler",	    "intro",  "outro", "interstitial" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(kind, others[i]) == 0)
			return false;
	return true;
}

/* A search that says which kind, folder or company it means. */
static bool names_kinds(const char *search)
{
	static const enum filter_field fields[] = { FILTER_KIND, FILTER_ROOT, FILTER_PATH, FILTER_COMPANY, FILTER_ID };
	struct arena arena = { 0 };
	struct filter filter;
	bool named = false;

	if (filter_parse(search, 0, &arena, &filter, NULL) == 0)
		for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
			named |= filter_names(&filter, fields[i]);
	arena_free(&arena);
	return named;
}

/* A query that names neither kind nor root means what one sits down to watch. */
static void leave_out_spots(struct playable_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->count; i++)
		if (is_programme(text_or_empty(list->items[i].kind)))
			list->items[n++] = list->items[i];
	list->count = n;
}

/* What is above the channel's limit; what has no rating, or one that nobody knows, stays. */
static void leave_out_above(struct playable_list *list, const char *limit)
{
	int most = rating_age(limit);
	size_t n = 0;

	if (most < 0)
		return;
	for (size_t i = 0; i < list->count; i++)
		if (rating_age(list->items[i].rating) <= most)
			list->items[n++] = list->items[i];
	list->count = n;
}

static int load_kinds(struct db *db, const char *const *kinds, const char *search, const char *limit, struct arena *arena,
		      struct schedule_items *ret, struct err *err)
{
	struct playable_list all = { 0 };
	size_t cap = 0;

	for (; *kinds; kinds++) {
		struct item_query query = { .kind = *kinds, .search = search };
		struct playable_list list = { 0 };

		if (items_playable(db, &query, arena, &list, err) < 0)
			return -(int)ERR_STORE;
		for (size_t i = 0; i < list.count; i++) {
			ARENA_GROW(arena, all.items, all.count, cap);
			all.items[all.count++] = list.items[i];
		}
	}
	leave_out_above(&all, limit);
	schedule_group(&all, arena, ret);
	return 0;
}

static const char *const fillers[] = { "filler", "promo", "interstitial", NULL };

int schedule_load_fillers(struct db *db, struct schedule *schedule, struct err *err)
{
	if (schedule->fillers.count)
		return 0;
	if (load_kinds(db, fillers, NULL, schedule->rules.rating_limit, schedule->arena, &schedule->fillers, err) < 0)
		return -(int)ERR_STORE;
	schedule->fillers.air = schedule->air;
	schedule_ring(&schedule->fillers, schedule->seed, schedule->arena);
	return 0;
}

static int load_lists(struct db *db, struct schedule *schedule, struct err *err)
{
	static const char *const spots[] = { "commercial", NULL },
				 *const bumpers[] = { "bumper", "ident", NULL };
	const struct schedule_rules *rules = &schedule->rules;
	const char *limit = rules->rating_limit;
	struct arena *arena = schedule->arena;
	struct playable_list list = { 0 };

	if (items_playable(db, &rules->query, arena, &list, err) < 0)
		return -(int)ERR_STORE;
	if (!rules->query.kind && !rules->query.root_path && !names_kinds(rules->query.search))
		leave_out_spots(&list);
	leave_out_above(&list, rules->rating_limit);
	schedule_group(&list, arena, &schedule->programmes);
	if (rules->order == SCHEDULE_LOOP)
		return 0;
	if (rules->spots && load_kinds(db, spots, rules->spots_search, limit, arena, &schedule->spots, err) < 0)
		return -(int)ERR_STORE;
	if (rules->bumpers && load_kinds(db, bumpers, NULL, limit, arena, &schedule->bumpers, err) < 0)
		return -(int)ERR_STORE;
	if (rules->grid_minutes && load_kinds(db, fillers, NULL, limit, arena, &schedule->fillers, err) < 0)
		return -(int)ERR_STORE;
	return 0;
}

int schedule_load(struct db *db, int64_t channel_id, struct arena *arena, struct schedule *ret,
		  struct err *err)
{
	struct schedule schedule = { .arena = arena };
	struct err cause = { 0 };
	const char *rules = NULL;
	int64_t seed = 0;
	int rc = schedules_get(db, channel_id, arena, &rules, &seed, &cause);

	if (rc < 0 && cause.code != ERR_NOT_FOUND)
		return err_set(err, cause.code, "%s", cause.text);
	schedule.seed = (uint64_t)seed;
	if (rules) {
		rc = schedule_parse(rules, arena, &schedule.rules, err);
		if (rc < 0)
			return rc;
		rc = load_lists(db, &schedule, err);
		if (rc < 0)
			return rc;
	}
	schedule.air = arena_alloc(arena, sizeof(*schedule.air));
	schedule.programmes.air = schedule.spots.air = schedule.bumpers.air = schedule.fillers.air = schedule.air;
	schedule_ring(&schedule.spots, schedule.seed, arena);
	schedule_ring(&schedule.bumpers, schedule.seed, arena);
	schedule_ring(&schedule.fillers, schedule.seed, arena);
	schedule.shuffle = schedule_shuffle_new(&schedule);
	*ret = schedule;
	return 0;
}

struct plan_rate schedule_rate(const struct schedule *schedule)
{
	struct plan_rate rates[8], best = { 25, 1 };
	int64_t flicks[8] = { 0 }, most = 0;
	size_t count = 0;

	for (size_t i = 0; i < schedule->programmes.count; i++) {
		const struct playable *p = schedule->programmes.items[i].parts[0];
		struct plan_rate rate = { 25, 1 };
		size_t at = 0;

		profile_fps(p->fps_num, p->fps_den, &rate.num, &rate.den);
		while (at < count && (rates[at].num != rate.num || rates[at].den != rate.den))
			at++;
		if (at == count && count < 8)
			rates[count++] = rate;
		if (at < 8)
			flicks[at] += schedule->programmes.items[i].flicks / 1000;
	}
	for (size_t i = 0; i < count; i++)
		if (flicks[i] > most) {
			most = flicks[i];
			best = rates[i];
		}
	return best;
}
