/* listing.c - see listing.h. */
#include "server/listing.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

struct place { /* of an item: its key, and where it stood, since equal ones keep their order */
	json_t *item, *key;
	size_t at;
};

int listing_take(struct http_request *req, int64_t limit, int64_t most, struct listing *ret, struct err *err)
{
	struct listing listing = { .sort = http_param(req, "sort", NULL), .q = http_param(req, "q", NULL) };

	if (http_param_page(req, 0, most, limit, &listing.limit, &listing.offset, err) < 0)
		return -(int)ERR_USAGE;
	listing.descending = listing.sort && *listing.sort == '-';
	if (listing.descending)
		listing.sort++;
	*ret = listing;
	return 0;
}

bool listing_chooses(const struct listing *listing)
{
	return listing->sort || listing->q;
}

bool listing_has(const struct listing *listing, const char *text)
{
	return !listing->q || strcasestr(text, listing->q);
}

/* In one of its own texts. */
static bool wanted(const struct listing *listing, json_t *item)
{
	const char *key;
	json_t *value;

	json_object_foreach(item, key, value)
		if (json_is_string(value) && listing_has(listing, json_string_value(value)))
			return true;
	return !listing->q;
}

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

static int put_in_order(const struct listing *listing, struct place *places, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		places[i].key = json_object_get(places[i].item, listing->sort);
		if (!places[i].key || json_is_object(places[i].key) || json_is_array(places[i].key))
			return err_set(err, ERR_USAGE, "nothing in this list can be sorted by '%.40s'", listing->sort);
	}
	qsort(places, count, sizeof(*places), listing->descending ? descending : ascending);
	return 0;
}

int listing_answer(struct http_request *req, json_t *list, const struct listing *listing, struct err *err)
{
	CLEANUP(json_cleanup) json_t *all = list;
	json_t *items = json_object_get(all, "items"), *item, *some;
	struct place *places;
	size_t i, count = 0;

	places = arena_alloc(&req->arena, (json_array_size(items) + 1) * sizeof(*places));
	json_array_foreach(items, i, item)
		if (wanted(listing, item))
			places[count++] = (struct place) { .item = item, .at = i };
	if (listing->sort && put_in_order(listing, places, count, err) < 0)
		return -(int)ERR_USAGE;
	some = json_array();
	for (i = (size_t)listing->offset; i < count && i - (size_t)listing->offset < (size_t)listing->limit; i++)
		json_array_append(some, places[i].item);
	return http_answer_json(req, 200, json_pack("{s:I, s:o}", "total", (json_int_t)count, "items", some));
}
