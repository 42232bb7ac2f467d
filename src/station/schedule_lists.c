/* schedule_lists.c - see schedule_lists.h. One entry for each question to the library, with an arena of its own. What was read
 * is never changed: a channel's own order (its rings, its shuffle) lies in the channel's arena.
 *
 * Not here: whose turn it is (schedule_turn.c). */
#include "station/schedule_lists.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/cleanup.h"
#include "store/channels.h"
#include "store/filter.h"
#include "store/rating.h"

#define ENTRIES 64	    /* questions that are kept */
#define ITEMS_MAX 100000 /* of all entries: some 50 MB; past it, all of them are read anew */

struct entry {
	char *question;
	struct arena arena;
	struct schedule_items items;
	uint64_t digest;
};

struct schedule_lists {
	struct entry entries[ENTRIES];
	size_t count, items;
	bool marked;
	uint64_t markers; /* digest of all break points */
};

struct schedule_lists *schedule_lists_new(void)
{
	struct schedule_lists *lists = calloc(1, sizeof(*lists));

	if (!lists)
		abort();
	return lists;
}

void schedule_lists_drop(struct schedule_lists *lists)
{
	for (size_t i = 0; i < lists->count; i++) {
		free(lists->entries[i].question);
		arena_free(&lists->entries[i].arena);
	}
	*lists = (struct schedule_lists) { 0 };
}

void schedule_lists_free(struct schedule_lists *lists)
{
	if (!lists)
		return;
	schedule_lists_drop(lists);
	free(lists);
}

/* ---- which things ---- */

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
	static const enum filter_field fields[] = { FILTER_KIND, FILTER_ROOT, FILTER_PATH, FILTER_COMPANY, FILTER_ID,
						    FILTER_COLLECTION };
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
		if (is_programme(list->items[i].kind))
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

/* What a list holds: the items that a query finds, or those of some kinds. */
struct question {
	const struct item_query *query; /* NULL: the kinds */
	const char *const *kinds;
	const char *search, *limit;
};

static int read_kinds(struct db *db, const struct question *q, struct arena *arena, struct playable_list *ret,
		      struct err *err)
{
	struct playable_list all = { 0 };
	size_t cap = 0;

	for (const char *const *kind = q->kinds; *kind; kind++) {
		struct item_query query = { .kind = *kind, .search = q->search };
		struct playable_list list = { 0 };

		if (items_playable(db, &query, arena, &list, err) < 0)
			return -(int)ERR_STORE;
		for (size_t i = 0; i < list.count; i++) {
			ARENA_GROW(arena, all.items, all.count, cap);
			all.items[all.count++] = list.items[i];
		}
	}
	*ret = all;
	return 0;
}

static int read_list(struct db *db, const struct question *q, struct arena *arena, struct schedule_items *ret,
		     struct err *err)
{
	struct playable_list list = { 0 };
	int rc = q->query ? items_playable(db, q->query, arena, &list, err) : read_kinds(db, q, arena, &list, err);

	if (rc < 0)
		return rc;
	if (q->query && !q->query->kind && !q->query->root_path && !names_kinds(q->query->search))
		leave_out_spots(&list);
	leave_out_above(&list, q->limit);
	schedule_group(&list, arena, ret);
	return 0;
}

/* ---- what they hold, as a number ---- */

static void add_number(XXH3_state_t *state, int64_t value)
{
	XXH3_64bits_update(state, &value, sizeof(value));
}

static void add_text(XXH3_state_t *state, const char *text)
{
	XXH3_64bits_update(state, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void add_part(XXH3_state_t *state, const struct playable *p)
{
	add_number(state, p->file_id);
	add_number(state, p->part);
	add_number(state, p->duration_flicks);
	add_number(state, p->fps_num);
	add_number(state, p->fps_den);
	add_text(state, p->sample_hash);
}

static uint64_t digest_of(const struct schedule_items *items)
{
	XXH3_state_t *state = XXH3_createState();
	uint64_t digest;

	if (!state || XXH3_64bits_reset(state) != XXH_OK)
		abort();
	for (size_t i = 0; i < items->count; i++) {
		const struct schedule_item *item = &items->items[i];

		add_number(state, item->item_id);
		add_number(state, item->expires_ms);
		add_text(state, item->kind);
		add_text(state, item->title);
		add_text(state, item->show);
		add_text(state, item->sort_key);
		add_text(state, item->daypart);
		add_text(state, item->air_season);
		for (size_t p = 0; p < item->part_count; p++)
			add_part(state, item->parts[p]);
	}
	digest = XXH3_64bits_digest(state);
	XXH3_freeState(state);
	return digest;
}

static uint64_t join(uint64_t digest, uint64_t other)
{
	uint64_t both[2] = { digest, other };

	return XXH3_64bits(both, sizeof(both));
}

/* ---- read once ---- */

static void write_question(const struct question *q, struct buf *to)
{
	const struct item_query *query = q->query;

	for (const char *const *kind = q->kinds; kind && *kind; kind++)
		buf_addf(to, "%s\n", *kind);
	if (query)
		buf_addf(to, "kind %s\nshow %s\nroot %lld %s\n", query->kind ? query->kind : "",
			 query->show ? query->show : "", (long long)query->root_id,
			 query->root_path ? query->root_path : "");
	buf_addf(to, "limit %s\nsearch %s", q->limit ? q->limit : "", q->search ? q->search : "");
}

/* One list, from `lists` or, where that is NULL, into the arena. */
static int list_of(struct db *db, struct schedule_lists *lists, const struct question *q, struct schedule *schedule,
		   struct schedule_items *ret, struct err *err)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct entry *entry;
	size_t i = 0;
	int rc;

	if (!lists)
		return read_list(db, q, schedule->arena, ret, err);
	write_question(q, &text);
	while (i < lists->count && strcmp(lists->entries[i].question, buf_text(&text)) != 0)
		i++;
	entry = &lists->entries[i];
	if (i == lists->count) {
		*entry = (struct entry) { 0 };
		rc = read_list(db, q, &entry->arena, &entry->items, err);
		if (rc < 0) {
			arena_free(&entry->arena);
			return rc;
		}
		entry->question = strdup(buf_text(&text));
		if (!entry->question)
			abort();
		entry->digest = digest_of(&entry->items);
		lists->items += entry->items.count;
		lists->count++;
	}
	schedule->digest = join(schedule->digest, entry->digest);
	*ret = entry->items;
	return 0;
}

static const char *const fillers[] = { "filler", "promo", "interstitial", NULL };

int schedule_load_fillers(struct db *db, struct schedule *schedule, struct err *err)
{
	struct question q = { .kinds = fillers, .limit = schedule->rules.rating_limit };
	int rc = schedule->fillers.count ? 0 : list_of(db, NULL, &q, schedule, &schedule->fillers, err);

	if (rc == 0) {
		schedule->fillers.air = schedule->air;
		schedule_ring(&schedule->fillers, schedule->seed, schedule->arena);
	}
	return rc;
}

static int load_lists(struct db *db, struct schedule_lists *lists, struct schedule *schedule, struct err *err)
{
	static const char *const spots[] = { "commercial", NULL },
				 *const bumpers[] = { "bumper", "ident", NULL };
	const struct schedule_rules *rules = &schedule->rules;
	struct question q = { .query = &rules->query, .search = rules->query.search, .limit = rules->rating_limit };
	int rc = list_of(db, lists, &q, schedule, &schedule->programmes, err);

	if (rc < 0 || rules->order == SCHEDULE_LOOP)
		return rc;
	q = (struct question) { .kinds = spots, .search = rules->spots_search, .limit = rules->rating_limit };
	if (rules->spots)
		rc = list_of(db, lists, &q, schedule, &schedule->spots, err);
	q = (struct question) { .kinds = bumpers, .limit = rules->rating_limit };
	if (rc >= 0 && rules->bumpers)
		rc = list_of(db, lists, &q, schedule, &schedule->bumpers, err);
	q.kinds = fillers;
	if (rc >= 0 && rules->grid_minutes)
		rc = list_of(db, lists, &q, schedule, &schedule->fillers, err);
	return rc;
}

static int mark(struct db *db, struct schedule_lists *lists, struct schedule *schedule, struct err *err)
{
	if (!lists->marked && markers_digest(db, &lists->markers, err) < 0)
		return -(int)ERR_STORE;
	lists->marked = true;
	schedule->digest = join(schedule->digest, lists->markers);
	return 0;
}

int schedule_load_from(struct db *db, struct schedule_lists *lists, int64_t channel_id, struct arena *arena,
		       struct schedule *ret, struct err *err)
{
	struct schedule schedule = { .arena = arena };
	struct err cause = { 0 };
	const char *rules = NULL;
	int64_t seed = 0;
	int rc = schedules_get(db, channel_id, arena, &rules, &seed, &cause);

	if (rc < 0 && cause.code != ERR_NOT_FOUND)
		return err_set(err, cause.code, "%s", cause.text);
	if (lists && (lists->count + 4 > ENTRIES || lists->items > ITEMS_MAX))
		schedule_lists_drop(lists);
	schedule.seed = (uint64_t)seed;
	if (rules) {
		rc = schedule_parse(rules, arena, &schedule.rules, err);
		if (rc >= 0 && lists)
			rc = mark(db, lists, &schedule, err);
		if (rc >= 0)
			rc = load_lists(db, lists, &schedule, err);
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

int schedule_load(struct db *db, int64_t channel_id, struct arena *arena, struct schedule *ret, struct err *err)
{
	return schedule_load_from(db, NULL, channel_id, arena, ret, err);
}
