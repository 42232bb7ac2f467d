/* json_sort.c - see json_sort.h. */
#include "base/json_sort.h"

#include <stdlib.h>
#include <strings.h>

struct place { /* of an item: its key, and where it stood, since equal ones keep their order */
	json_t *item, *key;
	size_t at;
};

static int rank(const json_t *key)
{
	return json_is_null(key) ? 0 : json_is_boolean(key) ? 1 : json_is_number(key) ? 2 : 3;
}

static int compare_keys(const json_t *a, const json_t *b)
{
	int kind = rank(a);
	double x, y;

	if (kind != rank(b))
		return kind - rank(b);
	if (kind == 1)
		return json_is_true(a) - json_is_true(b);
	if (kind == 2) {
		x = json_number_value(a);
		y = json_number_value(b);
		return (x > y) - (x < y);
	}
	return kind ? strcasecmp(json_string_value(a), json_string_value(b)) : 0;
}

static int ascending(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int keys = compare_keys(x->key, y->key);

	return keys ? keys : (x->at > y->at) - (x->at < y->at);
}

static int descending(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int keys = compare_keys(y->key, x->key);

	return keys ? keys : (x->at > y->at) - (x->at < y->at);
}

int json_sort(json_t *items, const char *sort, struct err *err)
{
	size_t count = json_array_size(items);
	bool backwards = *sort == '-';
	struct place *places = calloc(count + 1, sizeof(*places));
	int rc = 0;

	if (!places)
		abort();
	for (size_t i = 0; i < count; i++) {
		json_t *item = json_array_get(items, i), *key = json_object_get(item, sort + backwards);

		if (!key || json_is_object(key) || json_is_array(key))
			rc = err_set(err, ERR_USAGE, "nothing in this list can be sorted by '%.40s'", sort + backwards);
		places[i] = (struct place) { .item = json_incref(item), .key = key, .at = i };
	}
	if (rc == 0) {
		qsort(places, count, sizeof(*places), backwards ? descending : ascending);
		for (size_t i = 0; i < count; i++)
			json_array_set(items, i, places[i].item);
	}
	for (size_t i = 0; i < count; i++)
		json_decref(places[i].item);
	free(places);
	return rc;
}
