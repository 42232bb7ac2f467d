/* api_metadata.c - items changed and made by people, many at once, and the history of it. What a change is:
 * store/metadata.h and library/editing.h; here is only JSON. */
#include <string.h>

#include "base/cleanup.h"
#include "library/editing.h"
#include "server/builder.h"
#include "server/handlers.h"
#include "server/parts.h"
#include "store/items.h"

static void changed(struct http_request *req)
{
	if (req->server->builder)
		builder_library_changed(req->server->builder);
}

static int answer_item(struct http_request *req, unsigned status, int64_t id, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	json_t *item = db ? items_json(db, id, err) : NULL;

	return item ? http_answer_json(req, status, item) : -(int)err->code;
}

int api_item_patch(struct http_request *req, struct err *err)
{
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	bool was_changed;

	if (!body || editing_change(store_writer(req->server->store), req->param[0], body, "api",
				    &was_changed, err) < 0)
		return -(int)err->code;
	if (was_changed)
		changed(req);
	return answer_item(req, 200, req->param[0], err);
}

int api_items_post(struct http_request *req, struct err *err)
{
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	int64_t id;
	int rc;

	if (!body || editing_add(store_writer(req->server->store), body, "api", &id, err) < 0)
		return -(int)err->code;
	changed(req);
	rc = answer_item(req, 201, id, err);
	if (rc == 0)
		http_header(req, "Location", "/api/items/%lld", (long long)id);
	return rc;
}

static int answer_result(struct http_request *req, const struct editing_result *result)
{
	return http_answer_json(req, 200,
				json_pack("{s:I,s:I,s:o}", "matched", (json_int_t)result->matched, "changed",
					  (json_int_t)result->changed, "undo",
					  result->edit_id ? json_integer(result->edit_id) : json_null()));
}

int api_items_bulk_post(struct http_request *req, struct err *err)
{
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	struct db *reader = store_reader(req->server->store, err);
	const char *query = json_text(body, "q", NULL);
	const json_t *ids = json_object_get(body, "ids");
	struct editing_result result;

	if (!body || !reader)
		return -(int)err->code;
	if (!query == !ids)
		return err_set(err, ERR_INVALID, "give 'q', a filter, or 'ids', a list of numbers");
	if (query && !query[strspn(query, " \t")])
		return err_set(err, ERR_INVALID, "an empty 'q' would change every item; say which");
	if (editing_bulk(reader, store_writer(req->server->store), query, ids, body, "api",
			 json_flag(body, "dry_run", false), NULL, &result, err) < 0)
		return -(int)err->code;
	if (result.edit_id)
		changed(req);
	return answer_result(req, &result);
}

int api_items_bulk_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	int64_t limit, offset;
	json_t *list;

	if (!db || http_param_page(req, 0, 1000, 100, &limit, &offset, err) < 0)
		return -(int)err->code;
	list = edits_json(db, limit, offset, err);
	return list ? http_answer_json(req, 200, list) : -(int)err->code;
}

int api_items_undo_post(struct http_request *req, struct err *err)
{
	struct editing_result result;

	if (editing_undo(store_writer(req->server->store), req->param[0], "api", &result, err) < 0)
		return -(int)err->code;
	changed(req);
	result.edit_id = 0;
	return answer_result(req, &result);
}

int api_item_history_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	int64_t limit, offset;
	json_t *list;

	if (!db || http_param_page(req, 0, 1000, 100, &limit, &offset, err) < 0)
		return -(int)err->code;
	list = metadata_history_json(db, req->param[0], limit, offset, err);
	return list ? http_answer_json(req, 200, list) : -(int)err->code;
}

int api_metadata_values_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	json_t *values = db ? editing_values(db, err) : NULL;

	return values ? http_answer_json(req, 200, values) : -(int)err->code;
}

int api_metadata_values_post(struct http_request *req, struct err *err)
{
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	struct db *writer = store_writer(req->server->store);
	int rc;

	if (!body)
		return -(int)err->code;
	db_lock(writer);
	rc = metadata_value_add(writer, json_text(body, "field", ""), json_text(body, "value", ""), err);
	db_unlock(writer);
	return rc < 0 ? rc : http_answer_empty(req, 204);
}
