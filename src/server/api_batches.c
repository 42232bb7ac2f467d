/* api_batches.c - what moved files: listed, looked at, taken back; and the trash. See library/journal.h. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "jobs/queue.h"
#include "library/journal.h"
#include "library/trash.h"
#include "server/batch_job.h"
#include "server/handlers.h"
#include "server/listing.h"
#include "server/parts.h"
#include "store/batches.h"

#define MAX_LIST 1000

int api_batches_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	const char *kind = http_param(req, "kind", NULL);
	struct listing listing;
	json_t *json;

	if (!db || listing_take(req, 100, MAX_LIST, &listing, err) < 0)
		return -(int)err->code;
	if (!listing_chooses(&listing)) {
		json = batches_json(db, kind, listing.limit, listing.offset, err);
		return json ? http_answer_json(req, 200, json) : -(int)err->code;
	}
	json = batches_json(db, kind, LISTING_CHOSEN_FROM, 0, err);
	return json ? listing_answer(req, json, &listing, err) : -(int)err->code;
}

int api_batch_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	int64_t limit, offset;
	json_t *json;

	if (!db || http_param_page(req, 1, MAX_LIST, MAX_LIST, &limit, &offset, err) < 0)
		return -(int)err->code;
	json = batches_one_json(db, req->param[0], limit, offset, err);
	return json ? http_answer_json(req, 200, json) : -(int)err->code;
}

int api_batch_undo_post(struct http_request *req, struct err *err)
{
	int64_t undo;
	int rc = journal_undo(req->server->store, req->param[0], &undo, err);

	return rc < 0 ? rc : batch_job_start(req, undo, err);
}

int api_trash_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct listing listing;
	json_t *json;

	if (!db || listing_take(req, LISTING_MAX, LISTING_MAX, &listing, err) < 0)
		return -(int)err->code;
	json = trash_json(db, INT64_MAX, err);
	return json ? listing_answer(req, json, &listing, err) : -(int)err->code;
}

int api_trash_empty_post(struct http_request *req, struct err *err)
{
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	CLEANUP(json_cleanup) json_t *payload = NULL;
	const json_t *older = json_object_get(body, "older_than_ms");
	int64_t job;
	int rc;

	if (!body)
		return -(int)err->code;
	/* said in so many words: nothing is deleted by a request that is empty */
	if (!json_is_integer(older) || json_integer_value(older) < 0)
		return err_set(err, ERR_INVALID, "'older_than_ms' must be a number of milliseconds, 0 for all");
	payload = json_pack("{s:I}", "before_ms", (json_int_t)(clock_wall_ms() - json_integer_value(older) + 1));
	rc = queue_add(req->server->queue, "empty_trash", payload, &job, err);
	return rc < 0 ? rc : http_answer_json(req, 202, json_pack("{s:I}", "job", (json_int_t)job));
}
