/* api_roots.c - the folders of the library. What a root is to people: library/roots.h. */

#include "base/cleanup.h"
#include "library/roots.h"
#include "server/handlers.h"
#include "server/library_thread.h"
#include "server/listing.h"
#include "server/parts.h"

/* What is being done with it now, beside what the store says. */
static void add_progress(struct http_request *req, json_t *root)
{
	json_object_set_new(root, "progress",
			    library_thread_root_json(req->server->library, json_int(root, "id", 0)));
}

int api_roots_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct listing listing;
	json_t *list, *one;
	size_t i;

	if (!db || listing_take(req, LISTING_MAX, LISTING_MAX, &listing, err) < 0)
		return -(int)err->code;
	list = roots_json(db, err);
	if (!list)
		return -(int)err->code;
	json_array_foreach(json_object_get(list, "items"), i, one) add_progress(req, one);
	return listing_answer(req, list, &listing, err);
}

static int answer_root(struct http_request *req, int64_t id, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct root root;
	json_t *json;

	if (!db || roots_get(db, id, &req->arena, &root, err) < 0)
		return -(int)err->code;
	json = root_json(db, &root, err);
	if (!json)
		return -(int)err->code;
	add_progress(req, json);
	http_answer_json(req, 201, json);
	http_header(req, "Location", "/api/roots/%lld", (long long)id);
	return 0;
}

int api_roots_post(struct http_request *req, struct err *err)
{
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	CLEANUP(cleanup_free) char *path = NULL;
	int64_t id;
	int rc;

	if (!body)
		return -(int)err->code;
	path = json_path(body, "path");
	if (!path || *path != '/')
		return err_set(err, ERR_INVALID, "'path' must be an absolute path of a folder");
	rc = root_add(store_writer(req->server->store), path, json_text(body, "kind", "auto"), &id, err);
	if (rc < 0)
		return rc;
	server_library_changed(req->server);
	return answer_root(req, id, err);
}

/* Forgets what is known of its files; they stay. */
int api_root_delete(struct http_request *req, struct err *err)
{
	int rc = roots_remove(store_writer(req->server->store), req->param[0], err);

	if (rc < 0)
		return rc;
	server_library_changed(req->server);
	return http_answer_empty(req, 204);
}
