/* api_markers.c - break points and chapters of an item, generated ones too, and its validation. The long work
 * is done by jobs (job_kinds.c); here is only JSON. */
#include <string.h>

#include "base/cleanup.h"
#include "jobs/queue.h"
#include "server/builder.h"
#include "server/handlers.h"
#include "server/parts.h"
#include "store/items.h"

static void changed(struct http_request *req)
{
	if (req->server->builder)
		builder_library_changed(req->server->builder);
}

int api_markers_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct marker_list list;
	struct item item;
	json_t *items;

	if (!db || items_get(db, req->param[0], &req->arena, &item, err) < 0 ||
	    markers_list(db, req->param[0], &req->arena, &list, err) < 0)
		return -(int)err->code;
	items = json_array();
	for (size_t i = 0; i < list.count; i++)
		json_array_append_new(items, marker_json(&list.markers[i]));
	return http_answer_json(req, 200,
				json_pack("{s:I,s:o}", "total", (json_int_t)list.count, "items", items));
}

static int take_time(const json_t *value, const char *key, bool may_be_null, int64_t *ret, struct err *err)
{
	if (!value)
		return 0;
	if (json_is_null(value) && may_be_null) {
		*ret = 0;
		return 0;
	}
	if (!json_is_integer(value))
		return err_set(err, ERR_INVALID, "'%s' takes milliseconds%s", key,
			       may_be_null ? ", or null" : "");
	*ret = json_integer_value(value);
	return 0;
}

/* {kind, start_ms, end_ms, title} over what stands in `m`. */
static int take_marker(struct http_request *req, struct marker *m, struct err *err)
{
	static const char *const known[] = { "kind", "start_ms", "end_ms", "title", NULL };
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	const char *kind = NULL, *title = NULL;

	if (!body || json_check_keys(body, "a marker", known, err) < 0)
		return -(int)err->code;
	if (take_time(json_object_get(body, "start_ms"), "start_ms", false, &m->start_ms, err) < 0 ||
	    take_time(json_object_get(body, "end_ms"), "end_ms", true, &m->end_ms, err) < 0 ||
	    json_take_text(body, "kind", 0, &kind, err) < 0 || json_take_text(body, "title", 0, &title, err) < 0)
		return -(int)ERR_INVALID;
	m->kind = kind ? arena_strdup(&req->arena, kind) : m->kind;
	m->title = title ? arena_strdup(&req->arena, title) : m->title;
	return 0;
}

static int answer_marker(struct http_request *req, unsigned status, int64_t id, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct marker marker;

	if (!db || markers_get(db, req->param[0], id, &req->arena, &marker, err) < 0)
		return -(int)err->code;
	return http_answer_json(req, status, marker_json(&marker));
}

int api_markers_post(struct http_request *req, struct err *err)
{
	struct db *reader = store_reader(req->server->store, err), *writer = store_writer(req->server->store);
	struct marker m = { .kind = "break", .title = "", .source = "manual", .start_ms = -1 };
	struct item item;
	int rc;

	if (!reader || items_get(reader, req->param[0], &req->arena, &item, err) < 0 ||
	    take_marker(req, &m, err) < 0)
		return -(int)err->code;
	if (m.start_ms < 0)
		return err_set(err, ERR_INVALID, "a marker needs 'start_ms', from 0 on");
	db_lock(writer);
	rc = markers_add(writer, req->param[0], &m, &m.id, err);
	db_unlock(writer);
	if (rc < 0)
		return rc;
	changed(req);
	return answer_marker(req, 201, m.id, err);
}

int api_marker_patch(struct http_request *req, struct err *err)
{
	struct db *reader = store_reader(req->server->store, err), *writer = store_writer(req->server->store);
	struct marker m;
	int rc;

	if (!reader || markers_get(reader, req->param[0], req->param[1], &req->arena, &m, err) < 0 ||
	    take_marker(req, &m, err) < 0)
		return -(int)err->code;
	db_lock(writer);
	rc = markers_set(writer, req->param[0], &m, err);
	db_unlock(writer);
	if (rc < 0)
		return rc;
	changed(req);
	return answer_marker(req, 200, m.id, err);
}

int api_marker_delete(struct http_request *req, struct err *err)
{
	struct db *writer = store_writer(req->server->store);
	int rc;

	db_lock(writer);
	rc = markers_remove(writer, req->param[0], req->param[1], err);
	db_unlock(writer);
	if (rc < 0)
		return rc;
	changed(req);
	return http_answer_empty(req, 204);
}

static int answer_job(struct http_request *req, const char *kind, json_t *payload /* stolen */,
		      struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct item item;
	int64_t id = 0;
	int rc = db ? items_get(db, req->param[0], &req->arena, &item, err) : -(int)ERR_STORE;

	if (rc == 0)
		rc = queue_add(req->server->queue, kind, payload, &id, err);
	json_decref(payload);
	if (rc < 0)
		return rc;
	http_answer_json(req, 202, json_pack("{s:I}", "job", (json_int_t)id));
	http_header(req, "Location", "/api/jobs/%lld", (long long)id);
	return 0;
}

/* {apply}; the candidates are the job's result. */
int api_markers_generate_post(struct http_request *req, struct err *err)
{
	CLEANUP(json_cleanup)
	json_t *body = req->body.len ? http_body_object(req, err) : json_object();

	if (!body)
		return -(int)err->code;
	return answer_job(req, "markers",
			  json_pack("{s:I,s:b}", "item", (json_int_t)req->param[0], "apply",
				    json_flag(body, "apply", false)),
			  err);
}

int api_item_validate_post(struct http_request *req, struct err *err)
{
	return answer_job(req, "validate", json_pack("{s:I}", "item", (json_int_t)req->param[0]), err);
}
