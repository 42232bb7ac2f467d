/* schedule.c - see schedule.h: the lists of a channel, as its rules say.
 *
 * Not here: whose turn it is (schedule_turn.c), rounds of spots (schedule_round.c), what may air when (schedule_air.c),
 * what is put off (schedule_put_off.c), rules and cursors as text (schedule_rules.c, schedule_cursor.c), when anything airs (timeline_plan.c). */
#include "station/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "store/channels.h"
#include "store/filter.h"
#include "store/rating.h"
#include "stream/profile.h"

#define MIN_FLICKS (PLAN_FLICKS * 21 / 20)	 /* 1 s in whole frames of any rate */
#define MAX_FLICKS (7 * 24 * 3600 * PLAN_FLICKS) /* a longer one is a container's lie */

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
		.air_season = text_or_empty(p->air_season),
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
	schedule.turns = schedule_turns_new(&schedule);
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
