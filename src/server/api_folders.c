/* api_folders.c - the folders of this machine, for a person who chooses one on the page. Looked at in a pool of its own
 * (parts.h), for a disk may hang. Only for those who may add roots (ROUTE_OWN). What a listing is: library/folders.h. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "library/folders.h"
#include "server/handlers.h"
#include "server/parts.h"
#include "server/pool.h"

static json_t *place_json(const struct folder_place *place)
{
	return json_pack("{s:s, s:o}", "name", place->name, "path", json_from_path(place->path));
}

static json_t *folder_json(const struct folder *folder)
{
	return json_pack("{s:o, s:o, s:b, s:b, s:b, s:b}", "name", json_from_path(folder->name), "path",
			 json_from_path(folder->path), "hidden", folder->hidden, "link", folder->link, "closed",
			 folder->closed, "mounted", folder->mounted);
}

static json_t *list_json(const struct folder_list *list)
{
	json_t *items = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(items, folder_json(&list->folders[i]));
	return json_pack("{s:o, s:o, s:I, s:I, s:I, s:I, s:b, s:o}", "path", json_from_path(list->path), "parent",
			 list->parent ? json_from_path(list->parent) : json_null(), "total", (json_int_t)list->total,
			 "hidden", (json_int_t)list->hidden, "videos", (json_int_t)list->videos, "sounds",
			 (json_int_t)list->sounds, "more", list->more, "items", items);
}

/* Without a path: the first of the places that can be read, or "/". */
static int begin(const struct folder_place *places, size_t count, struct folders_request *request, struct arena *arena,
		 struct folder_list *ret, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		request->path = places[i].path;
		if (folders_list(request, arena, ret, NULL) == 0)
			return 0;
	}
	request->path = "/";
	return folders_list(request, arena, ret, err);
}

static int answer(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	const char *path = http_param(req, "path", NULL);
	CLEANUP(cleanup_free) char *asked = NULL, *start = json_path_parse(http_param(req, "start", ""));
	struct folders_request request = { .start = start };
	struct folder_place *places;
	struct folder_list list;
	struct root_list roots;
	json_t *json, *beside = json_array();
	int64_t hidden;
	size_t count;

	if (!db || roots_list(db, &req->arena, &roots, err) < 0 ||
	    http_param_int(req, "hidden", 0, 1, 0, &hidden, err) < 0) {
		json_decref(beside);
		return -(int)err->code;
	}
	count = folders_places(getenv("HOME"), &roots, &req->arena, &places);
	request.hidden = hidden != 0;
	if (path)
		request.path = asked = json_path_parse(path);
	if (path ? folders_list(&request, &req->arena, &list, err) < 0 :
		   begin(places, count, &request, &req->arena, &list, err) < 0) {
		json_decref(beside);
		return -(int)err->code;
	}
	for (size_t i = 0; i < count; i++)
		json_array_append_new(beside, place_json(&places[i]));
	json = list_json(&list);
	json_object_set_new(json, "places", beside);
	return http_answer_json(req, 200, json);
}

int api_folders_get(struct http_request *req, struct err *err)
{
	return http_offload(req, req->server->folders, answer, err);
}
