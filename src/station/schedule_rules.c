/* schedule_rules.c - rules as text and as a struct; declared in schedule.h. What each key does:
 * docs/station.md. */
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "station/schedule.h"
#include "store/filter.h"
#include "store/rating.h"

static const char *const order_names[] = { "order", "shuffle", "loop" };

static const char *const keys[] = { "query",   "order", "grid",	       "spots",
				    "bumpers", "loops", "break_every", "break_length",
				    "rating_limit", "spots_search" };
static const char *const query_keys[] = { "kind", "show", "root", "search" };

/* What people say for what the store says. */
static const char *const kind_words[][2] = {
	{ "show", "episode" },	   { "shows", "episode" },	    { "series", "episode" },
	{ "episodes", "episode" }, { "movies", "movie" },	    { "film", "movie" },
	{ "films", "movie" },	   { "commercials", "commercial" }, { "bumpers", "bumper" },
	{ "idents", "ident" },	   { "promos", "promo" },	    { "any", "" },
};

static bool among(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, list[i]) == 0)
			return true;
	return false;
}

static int check_keys(const json_t *object, const char *const *list, size_t count, const char *where,
		      struct err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value) if (!among(key, list, count)) return err_set(
		err, ERR_INVALID, "schedule: %s has no setting '%.60s'", where, key);
	return 0;
}

static int read_text(const json_t *object, const char *key, struct arena *arena, const char **ret,
		     struct err *err)
{
	const json_t *value = json_object_get(object, key);

	*ret = NULL;
	if (!value || json_is_null(value))
		return 0;
	if (!json_is_string(value))
		return err_set(err, ERR_INVALID, "schedule: '%s' must be a text", key);
	if (json_string_length(value) > PATH_MAX)
		return err_set(err, ERR_TOO_LARGE, "schedule: '%s' is longer than %d bytes", key, PATH_MAX);
	if (json_string_length(value) > 0)
		*ret = arena_strdup(arena, json_string_value(value));
	return 0;
}

static int read_int(const json_t *object, const char *key, int max, int *ret, struct err *err)
{
	const json_t *value = json_object_get(object, key);

	*ret = 0;
	if (!value || json_is_null(value))
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > max)
		return err_set(err, ERR_INVALID, "schedule: '%s' must be a whole number from 0 to %d", key,
			       max);
	*ret = (int)json_integer_value(value);
	return 0;
}

static int read_flag(const json_t *object, const char *key, bool *ret, struct err *err)
{
	const json_t *value = json_object_get(object, key);

	*ret = true;
	if (!value || json_is_null(value))
		return 0;
	if (!json_is_boolean(value))
		return err_set(err, ERR_INVALID, "schedule: '%s' must be true or false", key);
	*ret = json_is_true(value);
	return 0;
}

static int read_order(const json_t *object, enum schedule_order *ret, struct err *err)
{
	const json_t *value = json_object_get(object, "order");
	const char *name = json_string_value(value);

	*ret = SCHEDULE_ORDER;
	if (!value || json_is_null(value))
		return 0;
	for (size_t i = 0; name && i < ARRAY_LEN(order_names); i++)
		if (strcmp(name, order_names[i]) == 0) {
			*ret = (enum schedule_order)i;
			return 0;
		}
	return err_set(err, ERR_INVALID, "schedule: 'order' must be order, shuffle or loop");
}

static int check_search(const char *search, struct arena *arena, const char *key, struct err *err)
{
	struct filter filter;

	if (filter_parse(search, 0, arena, &filter, err) < 0)
		return err_under(err, "schedule: '%s'", key);
	return 0;
}

/* The root's path goes through json_path(): it need not be UTF-8. */
static int read_query(const json_t *object, struct arena *arena, struct item_query *ret, struct err *err)
{
	CLEANUP(cleanup_free) char *root = NULL;

	if (!object || json_is_null(object))
		return 0;
	if (!json_is_object(object))
		return err_set(err, ERR_INVALID, "schedule: 'query' must be an object");
	if (check_keys(object, query_keys, ARRAY_LEN(query_keys), "'query'", err) < 0 ||
	    read_text(object, "kind", arena, &ret->kind, err) < 0 ||
	    read_text(object, "show", arena, &ret->show, err) < 0 ||
	    read_text(object, "search", arena, &ret->search, err) < 0 || check_search(ret->search, arena, "query.search", err) < 0 ||
	    read_text(object, "root", arena, &ret->root_path, err) < 0)
		return -(int)ERR_INVALID;
	root = json_path(object, "root");
	if (ret->root_path)
		ret->root_path = arena_strdup(arena, root);
	for (size_t i = 0; ret->kind && i < ARRAY_LEN(kind_words); i++)
		if (strcmp(ret->kind, kind_words[i][0]) == 0) {
			ret->kind = *kind_words[i][1] ? kind_words[i][1] : NULL;
			break;
		}
	return 0;
}

int schedule_parse(const char *rules_json, struct arena *arena, struct schedule_rules *ret, struct err *err)
{
	CLEANUP(json_cleanup) json_t *json = json_parse(rules_json, strlen(rules_json), err);
	struct schedule_rules rules = { 0 };

	if (!json)
		return err_under(err, "schedule");
	if (!json_is_object(json))
		return err_set(err, ERR_INVALID, "schedule: it must be an object with 'query' and 'order'");
	if (check_keys(json, keys, ARRAY_LEN(keys), "it", err) < 0 ||
	    read_query(json_object_get(json, "query"), arena, &rules.query, err) < 0 ||
	    read_order(json, &rules.order, err) < 0 ||
	    read_int(json, "grid", 1440, &rules.grid_minutes, err) < 0 ||
	    read_flag(json, "spots", &rules.spots, err) < 0 ||
	    read_flag(json, "bumpers", &rules.bumpers, err) < 0 ||
	    read_int(json, "loops", 1000000, &rules.loops, err) < 0 ||
	    read_int(json, "break_every", 86400, &rules.break_every_s, err) < 0 ||
	    read_int(json, "break_length", 3600, &rules.break_length_s, err) < 0 ||
	    read_text(json, "rating_limit", arena, &rules.rating_limit, err) < 0 ||
	    read_text(json, "spots_search", arena, &rules.spots_search, err) < 0 ||
	    check_search(rules.spots_search, arena, "spots_search", err) < 0)
		return -(int)ERR_INVALID;
	if (rules.rating_limit && rating_age(rules.rating_limit) < 0)
		return err_set(err, ERR_INVALID, "schedule: 'rating_limit' takes a rating as PG-13 or TV-14, not '%.40s'",
			       rules.rating_limit);
	*ret = rules;
	return 0;
}

static void set_text(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, json_string(text ? text : ""));
}

json_t *schedule_json(const struct schedule_rules *rules)
{
	json_t *json = json_object(), *query = json_object();

	set_text(query, "kind", rules->query.kind);
	set_text(query, "show", rules->query.show);
	json_object_set_new(query, "root",
			    json_from_path(rules->query.root_path ? rules->query.root_path : ""));
	set_text(query, "search", rules->query.search);
	json_object_set_new(json, "query", query);
	set_text(json, "order", order_names[rules->order]);
	json_object_set_new(json, "grid", json_integer(rules->grid_minutes));
	json_object_set_new(json, "spots", json_boolean(rules->spots));
	json_object_set_new(json, "bumpers", json_boolean(rules->bumpers));
	json_object_set_new(json, "loops", json_integer(rules->loops));
	json_object_set_new(json, "break_every", json_integer(rules->break_every_s));
	json_object_set_new(json, "break_length", json_integer(rules->break_length_s));
	if (rules->rating_limit)
		set_text(json, "rating_limit", rules->rating_limit);
	if (rules->spots_search)
		set_text(json, "spots_search", rules->spots_search);
	return json;
}
