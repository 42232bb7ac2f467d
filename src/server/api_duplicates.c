/* api_duplicates.c - copies as the store knows them, and putting some into the trash. See library/duplicates.h. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "library/duplicates.h"
#include "server/batch_job.h"
#include "server/handlers.h"
#include "server/listing.h"
#include "server/parts.h"

#define MAX_LIST 1000
#define MAX_GROUPS 10000
#define MAX_KEEP 1000

static int kinds_of(struct http_request *req, unsigned *ret, struct err *err)
{
	const char *text = http_param(req, "kind", NULL);

	*ret = DUPLICATE_ALL;
	if (!text)
		return 0;
	for (enum duplicate_kind kind = DUPLICATE_FULL; kind <= DUPLICATE_NEAR; kind++)
		if (strcmp(duplicate_kind_name(kind), text) == 0) {
			*ret = 1u << kind;
			return 0;
		}
	return err_set(err, ERR_USAGE, "'kind' must be full, sample, essence or near");
}

int api_duplicates_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct duplicates_request request = { .query = { .search = http_param(req, "q", NULL) } };
	struct duplicates all;
	struct listing listing;

	if (!db || kinds_of(req, &request.kinds, err) < 0 || listing_take(req, 100, MAX_LIST, &listing, err) < 0 ||
	    duplicates_find(db, &request, &req->arena, &all, err) < 0)
		return -(int)err->code;
	listing.q = NULL; /* a filter of the library here, which has been heeded */
	if (listing.sort)
		return listing_answer(req, duplicates_json(&all, 0, 0), &listing, err);
	return http_answer_json(req, 200, duplicates_json(&all, (size_t)listing.limit, (size_t)listing.offset));
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp((*(struct duplicate_group *const *)a)->id, (*(struct duplicate_group *const *)b)->id);
}

struct by_id {
	struct duplicate_group **groups;
	size_t count;
};

static struct by_id sort_by_id(struct duplicates *all, struct arena *arena)
{
	struct by_id sorted = { arena_alloc(arena, (all->count + 1) * sizeof(*sorted.groups)), all->count };

	for (size_t i = 0; i < all->count; i++)
		sorted.groups[i] = &all->groups[i];
	qsort(sorted.groups, sorted.count, sizeof(*sorted.groups), compare_ids);
	return sorted;
}

/* The group with this id, its files marked as the person chose; NULL with err. */
static struct duplicate_group *take_group(const struct by_id *all, const json_t *asked, struct err *err)
{
	struct duplicate_group wanted = { .id = json_text(asked, "id", "") }, *group = &wanted;
	struct duplicate_group *const *found;
	const json_t *keep = json_object_get(asked, "keep");
	int64_t ids[MAX_KEEP];
	size_t count = json_array_size(keep);

	if (!json_is_array(keep) || count > MAX_KEEP) {
		err_set(err, ERR_INVALID, "'keep' must be a list of files to keep");
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		ids[i] = json_integer_value(json_array_get(keep, i));
	found = bsearch(&group, all->groups, all->count, sizeof(*all->groups), compare_ids);
	if (found)
		return duplicates_keep(*found, ids, count, err) < 0 ? NULL : *found;
	err_set(err, ERR_NOT_FOUND, "there is no group '%.80s' any more; look again", wanted.id);
	return NULL;
}

static int choose(struct http_request *req, const json_t *groups, struct duplicates *all, struct duplicates *ret,
		  struct err *err)
{
	const struct by_id sorted = sort_by_id(all, &req->arena);
	size_t count = json_array_size(groups);

	if (!json_is_array(groups) || count > MAX_GROUPS)
		return err_set(err, ERR_INVALID, "'groups' must be a list of at most %d groups", MAX_GROUPS);
	*ret = (struct duplicates){ .groups = arena_alloc(&req->arena, (count + 1) * sizeof(*ret->groups)) };
	for (size_t i = 0; i < count; i++) {
		const struct duplicate_group *group = take_group(&sorted, json_array_get(groups, i), err);

		if (!group)
			return -(int)err->code;
		ret->groups[ret->count++] = *group;
	}
	return 0;
}

int api_duplicates_apply_post(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	const struct duplicates_request request = { .kinds = DUPLICATE_ALL };
	struct duplicates all, chosen;
	struct move *moves;
	size_t count;

	if (!body)
		return -(int)err->code;
	if (!db || duplicates_find(db, &request, &req->arena, &all, err) < 0 ||
	    choose(req, json_object_get(body, "groups"), &all, &chosen, err) < 0 ||
	    duplicates_moves(&chosen, &req->arena, &moves, &count, err) < 0)
		return -(int)err->code;
	return batch_job_answer(req, "duplicates", "", moves, count, json_flag(body, "dry_run", false), err);
}
