/* api_jobs.c - long work: asked for, looked at, cancelled. What a job is: store/jobs.h; who runs it:
 * jobs/queue.h. */
#include <string.h>

#include "base/cleanup.h"
#include "jobs/queue.h"
#include "server/handlers.h"
#include "server/listing.h"
#include "server/parts.h"
#include "store/channels.h"
#include "store/jobs.h"

static int answer_job(struct http_request *req, unsigned status, int64_t id, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct job job;

	if (!db || jobs_get(db, id, &req->arena, &job, err) < 0)
		return -(int)err->code;
	return http_answer_json(req, status, job_json(&job));
}

int api_jobs_get(struct http_request *req, struct err *err)
{
	static const char *const states[] = { "open", "queued", "running", "done", "failed", "cancelled" };
	struct db *db = store_reader(req->server->store, err);
	const char *state = http_param(req, "state", NULL);
	struct listing listing;
	size_t known = 0;
	json_t *list;

	while (state && known < ARRAY_LEN(states) && strcmp(states[known], state) != 0)
		known++;
	if (known == ARRAY_LEN(states))
		return err_set(err, ERR_USAGE,
			       "'state' must be open, queued, running, done, failed or cancelled");
	if (!db || listing_take(req, 100, 1000, &listing, err) < 0)
		return -(int)err->code;
	if (!listing_chooses(&listing)) {
		list = jobs_list_json(db, state, listing.limit, listing.offset, err);
		return list ? http_answer_json(req, 200, list) : -(int)err->code;
	}
	list = jobs_list_json(db, state, LISTING_CHOSEN_FROM, 0, err);
	return list ? listing_answer(req, list, &listing, err) : -(int)err->code;
}

int api_job_get(struct http_request *req, struct err *err)
{
	return answer_job(req, 200, req->param[0], err);
}

/* {kind, ...}: the rest is the payload. */
int api_jobs_post(struct http_request *req, struct err *err)
{
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	const struct queue_kind *known;
	const char *kind;
	int64_t id;
	int rc;

	if (!body)
		return -(int)err->code;
	kind = arena_strdup(&req->arena, json_text(body, "kind", ""));
	known = queue_kind_find(req->server->queue, kind);
	if (!known || !known->open)
		return err_set(err, ERR_INVALID, "there is no job '%.60s' to ask for", kind);
	json_object_del(body, "kind");
	rc = queue_add(req->server->queue, kind, body, &id, err);
	if (rc < 0)
		return rc;
	rc = answer_job(req, 202, id, err);
	if (rc == 0)
		http_header(req, "Location", "/api/jobs/%lld", (long long)id);
	return rc;
}

/* {channel: id or null, hours}: a job of that kind. */
int api_prepare_post(struct http_request *req, struct err *err)
{
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	int64_t channel, id;
	struct db *db = store_reader(req->server->store, err);
	struct channel known;
	int rc;

	if (!body)
		return -(int)err->code;
	channel = json_int(body, "channel", 0);
	if (!db || (channel && channels_get(db, channel, &req->arena, &known, err) < 0))
		return -(int)err->code;
	rc = queue_add(req->server->queue, "prepare", body, &id, err);
	return rc < 0 ? rc : http_answer_json(req, 202, json_pack("{s:I}", "job", (json_int_t)id));
}

int api_job_delete(struct http_request *req, struct err *err)
{
	int rc = queue_cancel(req->server->queue, req->param[0], err);

	return rc < 0 ? rc : http_answer_empty(req, 204);
}
