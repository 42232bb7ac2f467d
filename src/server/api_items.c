/* api_items.c - the library: lists, one item with its next airings, and a scan on request. */
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "server/handlers.h"
#include "server/library_thread.h"
#include "server/parts.h"
#include "server/pool.h"
#include "station/guide.h"
#include "store/items.h"

#define AIRINGS 20

static void warm(void *context)
{
	struct err err = { 0 };

	if (store_warm(context, &err) < 0)
		log_warning("library", "read the library's lists into memory: %s", err.text);
}

int api_items_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct item_query query = {
		.kind = http_param(req, "kind", NULL),
		.show = http_param(req, "show", NULL),
		.search = http_param(req, "q", NULL),
		.sort = http_param(req, "sort", NULL),
	};
	const char *fields = http_param(req, "fields", "");
	json_t *list;

	if (*fields && strcmp(fields, "metadata") != 0)
		return err_set(err, ERR_USAGE, "'fields' can be 'metadata', for daypart, rating, tags and what else people say");
	query.metadata = *fields != '\0';
	if (!db || http_param_page(req, 0, 1000, 100, &query.limit, &query.offset, err) < 0)
		return -(int)err->code;
	list = items_list_json(db, &query, err);
	if (list && store_wants_warming(req->server->store))
		pool_submit(req->server->pool, warm, req->server->store);
	return list ? http_answer_json(req, 200, list) : -(int)err->code;
}

int api_item_get(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	struct db *db = store_reader(server->store, err);
	CLEANUP(json_cleanup) json_t *item = db ? items_json(db, req->param[0], err) : NULL;
	json_t *airings;

	if (!item)
		return -(int)err->code;
	airings = guide_item(db, server->time, req->param[0], station_now_ns(server->time), AIRINGS, err);
	if (!airings)
		return -(int)err->code;
	json_object_set_new(item, "airings", airings);
	return http_answer_json(req, 200, TAKE(item));
}

int api_scan_post(struct http_request *req, struct err *err)
{
	if (!req->server->library)
		return err_set(err, ERR_CONFLICT,
			       "this server does not look for new files; it was started with --mode server");
	library_thread_poke(req->server->library);
	return http_answer_json(req, 202, json_pack("{s:b}", "scan", 1));
}
