/* listing.h - limit, offset, sort and q of lists that are short enough to be held: what every list of the API takes. The
 * library's own lists do it in the store (store/items.h). */
#pragma once

#include "server/http.h"

#define LISTING_MAX 1000000
#define LISTING_CHOSEN_FROM 10000 /* the newest, of lists that the store reads in pages */

struct listing {
	int64_t limit, offset;
	const char *sort; /* as json_sort() takes it; NULL: as it comes */
	const char *q; /* NULL: all; else what is contained in one of the texts, whatever the case of letters */
};

/* From the request's parameters; `limit` is that of a request without one, `most` the highest. "-name" sorts from the last to the first. */
int listing_take(struct http_request *req, int64_t limit, int64_t most, struct listing *ret, struct err *err);

/* The order of the items or which of them is not the list's own. */
bool listing_chooses(const struct listing *listing);

bool listing_has(const struct listing *listing, const char *text);

/* Answers with {"total", "items"} of what listing asks for. `list` is such an object with all items, and what else it says
 * of all of them stays; it is taken over. */
int listing_answer(struct http_request *req, json_t *list, const struct listing *listing, struct err *err);
