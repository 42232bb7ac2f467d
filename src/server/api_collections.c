/* api_collections.c - collections of items. What they are: store/collections.h; here is only JSON. */
#include <string.h>

#include "base/cleanup.h"
#include "server/builder.h"
#include "server/handlers.h"
#include "server/parts.h"
#include "store/collections.h"
#include "store/metadata.h"

static void changed(struct http_request *req)
{
	if (req->server->builder)
		builder_library_changed(req->server->builder);
}

/* null where there may be none. */
static int take_text(struct http_request *req, const json_t *body, const char *key, bool may_be_null,
		     const char **ret, struct err *err)
{
	int rc;

	if (may_be_null && json_is_null(json_object_get(body, key))) {
		*ret = NULL;
		return 0;
	}
	rc = json_take_text(body, key, 0, ret, err);
	if (rc > 0)
		*ret = arena_strdup(&req->arena, *ret);
	return rc < 0 ? rc : 0;
}

static int take_collection(struct http_request *req, struct collection *c, struct err *err)
{
	static const char *const known[] = { "name", "filter", "notes", NULL };
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);

	if (!body || json_check_keys(body, "a collection", known, err) < 0 ||
	    take_text(req, body, "name", false, &c->name, err) < 0 ||
	    take_text(req, body, "filter", true, &c->filter, err) < 0 ||
	    take_text(req, body, "notes", false, &c->notes, err) < 0)
		return -(int)err->code;
	return 0;
}

static int answer(struct http_request *req, unsigned status, int64_t id, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct collection c;
	json_t *json;

	if (!db || collections_get(db, id, &req->arena, &c, err) < 0)
		return -(int)err->code;
	json = collection_json(db, &c, err);
	return json ? http_answer_json(req, status, json) : -(int)err->code;
}

int api_collections_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	int64_t limit, offset;
	json_t *list;

	if (!db || http_param_page(req, 0, 1000, 100, &limit, &offset, err) < 0)
		return -(int)err->code;
	list = collections_json(db, limit, offset, err);
	return list ? http_answer_json(req, 200, list) : -(int)err->code;
}

int api_collections_post(struct http_request *req, struct err *err)
{
	struct collection c = { .name = "", .notes = "" };
	int rc;

	if (take_collection(req, &c, err) < 0 ||
	    collections_set(store_writer(req->server->store), &c, err) < 0)
		return -(int)err->code;
	changed(req);
	rc = answer(req, 201, c.id, err);
	if (rc == 0)
		http_header(req, "Location", "/api/collections/%lld", (long long)c.id);
	return rc;
}

int api_collection_get(struct http_request *req, struct err *err)
{
	return answer(req, 200, req->param[0], err);
}

int api_collection_patch(struct http_request *req, struct err *err)
{
	struct db *reader = store_reader(req->server->store, err);
	struct collection c;

	if (!reader || collections_get(reader, req->param[0], &req->arena, &c, err) < 0 ||
	    take_collection(req, &c, err) < 0 ||
	    collections_set(store_writer(req->server->store), &c, err) < 0)
		return -(int)err->code;
	changed(req);
	return answer(req, 200, c.id, err);
}

int api_collection_delete(struct http_request *req, struct err *err)
{
	if (collections_remove(store_writer(req->server->store), req->param[0], err) < 0)
		return -(int)err->code;
	changed(req);
	return http_answer_empty(req, 204);
}

int api_collection_items_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct collection c;
	int64_t limit, offset;
	json_t *list;

	if (!db || http_param_page(req, 0, 1000, 100, &limit, &offset, err) < 0 ||
	    collections_get(db, req->param[0], &req->arena, &c, err) < 0)
		return -(int)err->code;
	list = collection_items_json(db, &c, limit, offset, err);
	return list ? http_answer_json(req, 200, list) : -(int)err->code;
}

static int take_ids(struct http_request *req, const json_t *list, const char *key, int64_t **ret,
		    size_t *ret_count, struct err *err)
{
	*ret_count = json_array_size(list);
	if (list && !json_is_array(list))
		return err_set(err, ERR_INVALID, "'%s' takes a list of items' numbers", key);
	*ret = arena_alloc(&req->arena, (*ret_count + 1) * sizeof(**ret));
	for (size_t i = 0; i < *ret_count; i++) {
		if (!json_is_integer(json_array_get(list, i)))
			return err_set(err, ERR_INVALID, "'%s' takes a list of items' numbers", key);
		(*ret)[i] = json_integer_value(json_array_get(list, i));
	}
	return 0;
}

/* What passes the filter now goes before the ids. */
static int take_query(struct http_request *req, const json_t *body, int64_t **ids, size_t *count, struct err *err)
{
	const char *q = NULL;
	struct item_ids found = { 0 };
	struct db *db = store_reader(req->server->store, err);

	if (!db || take_text(req, body, "q", false, &q, err) < 0)
		return -(int)err->code;
	if (!q)
		return 0;
	if (!q[strspn(q, " \t")])
		return err_set(err, ERR_INVALID, "an empty 'q' would be every item; say which");
	if (items_ids(db, &(struct item_query){ .search = q }, &req->arena, &found, err) < 0)
		return -(int)err->code;
	*ids = memcpy(arena_alloc(&req->arena, (found.count + *count + 1) * sizeof(**ids)), *ids, *count * sizeof(**ids));
	if (found.count)
		memcpy(*ids + *count, found.ids, found.count * sizeof(**ids));
	*count += found.count;
	return 0;
}

/* {add, q, remove, move: {item, to}} */
static int change_items(struct http_request *req, const json_t *body, int64_t *added, int64_t *removed,
			struct err *err)
{
	const json_t *move = json_object_get(body, "move");
	struct db *db = store_writer(req->server->store);
	int64_t *add, *gone;
	size_t adds, removes;
	int rc;

	if (take_ids(req, json_object_get(body, "add"), "add", &add, &adds, err) < 0 || take_query(req, body, &add, &adds, err) < 0 ||
	    take_ids(req, json_object_get(body, "remove"), "remove", &gone, &removes, err) < 0)
		return -(int)err->code;
	if (move && (!json_is_integer(json_object_get(move, "item")) ||
		     !json_is_integer(json_object_get(move, "to"))))
		return err_set(err, ERR_INVALID,
			       "'move' takes {item, to}: an item's number and its place, from 1");
	rc = db_begin(db, err);
	if (rc < 0)
		return rc;
	if (adds)
		rc = collections_put(db, req->param[0], add, adds, added, err);
	if (rc == 0 && removes)
		rc = collections_take(db, req->param[0], gone, removes, removed, err);
	if (rc == 0 && move)
		rc = collections_place(db, req->param[0], json_int(move, "item", 0), json_int(move, "to", 1),
				       err);
	if (rc == 0)
		return db_commit(db, err);
	db_rollback(db);
	return rc;
}

int api_collection_items_post(struct http_request *req, struct err *err)
{
	static const char *const known[] = { "add", "q", "remove", "move", NULL };
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	int64_t added = 0, removed = 0;

	if (!body || json_check_keys(body, "a change of items", known, err) < 0 || change_items(req, body, &added, &removed, err) < 0)
		return -(int)err->code;
	changed(req);
	return http_answer_json(
		req, 200, json_pack("{s:I,s:I}", "added", (json_int_t)added, "removed", (json_int_t)removed));
}
