/* listing.c - see listing.h. */
#include "server/listing.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json_sort.h"

int listing_take(struct http_request *req, int64_t limit, int64_t most, struct listing *ret, struct err *err)
{
	struct listing listing = { .sort = http_param(req, "sort", NULL), .q = http_param(req, "q", NULL) };

	if (http_param_page(req, 0, most, limit, &listing.limit, &listing.offset, err) < 0)
		return -(int)ERR_USAGE;
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

int listing_answer(struct http_request *req, json_t *list, const struct listing *listing, struct err *err)
{
	CLEANUP(json_cleanup) json_t *all = list;
	CLEANUP(json_cleanup) json_t *chosen = json_array();
	json_t *item, *some = json_array();
	size_t i, from = (size_t)listing->offset;

	json_array_foreach(json_object_get(all, "items"), i, item)
		if (wanted(listing, item))
			json_array_append(chosen, item);
	if (listing->sort && json_sort(chosen, listing->sort, err) < 0) {
		json_decref(some);
		return -(int)ERR_USAGE;
	}
	for (i = from; i < json_array_size(chosen) && i - from < (size_t)listing->limit; i++)
		json_array_append(some, json_array_get(chosen, i));
	json_object_set_new(all, "total", json_integer((json_int_t)json_array_size(chosen)));
	json_object_set_new(all, "items", some);
	return http_answer_json(req, 200, TAKE(all));
}
