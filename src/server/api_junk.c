/* api_junk.c - junk and what no rule knows, for review; and putting some into the trash. See library/junk.h. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "server/batch_job.h"
#include "server/handlers.h"
#include "server/junk_walks.h"
#include "server/listing.h"
#include "server/parts.h"

#define MAX_LIST 10000
#define MAX_IDS 100000
#define SETTLE_MS (INT64_C(24) * 3600 * 1000)

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static const struct junk_walk *find(struct http_request *req, bool again, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	const struct junk_request request = { .globs = or_empty(req->server->organize.junk),
					      .never = or_empty(req->server->organize.never_junk),
					      .settle_ms = SETTLE_MS };

	return db ? junk_walks_get(req->server->junk, db, &request, again, err) : NULL;
}

static int answer(struct http_request *req, bool unknown, struct err *err)
{
	int64_t root, again;
	struct listing listing;
	const struct junk_walk *walk;
	json_t *json;
	char time[40];

	if (http_param_int(req, "root", 0, INT64_MAX, 0, &root, err) < 0 ||
	    http_param_int(req, "again", 0, 1, 0, &again, err) < 0 ||
	    listing_take(req, 1000, MAX_LIST, &listing, err) < 0)
		return -(int)err->code;
	walk = find(req, again != 0, err);
	if (!walk)
		return -(int)err->code;
	json = junk_json(unknown ? &walk->junk.unknown : &walk->junk.junk, root, listing_chooses(&listing) ? 0 : (size_t)listing.limit,
			 listing_chooses(&listing) ? 0 : (size_t)listing.offset);
	json_object_set_new(json, "unread", junk_unread_json(&walk->junk));
	json_object_set_new(json, "looked_at", json_string(clock_format(time, sizeof(time), walk->at_ms)));
	junk_walks_put(req->server->junk, walk);
	if (listing_chooses(&listing))
		return listing_answer(req, json, &listing, err);
	return http_answer_json(req, 200, json);
}

int api_junk_get(struct http_request *req, struct err *err)
{
	return answer(req, false, err);
}

int api_unknown_get(struct http_request *req, struct err *err)
{
	return answer(req, true, err);
}

int api_junk_apply_post(struct http_request *req, struct err *err)
{
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	const json_t *list = json_object_get(body, "ids");
	size_t count = json_array_size(list), move_count;
	const struct junk_walk *walk;
	struct move *moves;
	int64_t *ids;
	int rc;

	if (!body)
		return -(int)err->code;
	if (!json_is_array(list) || count > MAX_IDS)
		return err_set(err, ERR_INVALID, "'ids' must be a list of at most %d ids of GET /api/junk", MAX_IDS);
	ids = arena_alloc(&req->arena, (count + 1) * sizeof(*ids));
	for (size_t i = 0; i < count; i++)
		ids[i] = json_integer_value(json_array_get(list, i));
	walk = find(req, false, err); /* what changed since it was looked at stays: each step looks before it acts */
	if (!walk)
		return -(int)err->code;
	rc = junk_moves(&walk->junk, ids, count, &req->arena, &moves, &move_count, err);
	if (rc == 0)
		rc = batch_job_answer(req, "junk", "", moves, move_count, json_flag(body, "dry_run", false), err);
	junk_walks_put(req->server->junk, walk);
	return rc;
}
