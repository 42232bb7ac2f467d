/* api_channels.c - channels: lists, one, added, changed and removed. What must hold for a channel and its
 * schedule together is station/lineup.c; here is only JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "server/builder.h"
#include "server/channel_find.h"
#include "server/handlers.h"
#include "server/json_clean.h"
#include "server/listing.h"
#include "server/on_demand.h"
#include "server/parts.h"
#include "server/streamed.h"
#include "station/guide.h"
#include "station/lineup.h"

/* ---- out ---- */

/* "off", "building" (nothing is built yet), "empty" (its schedule finds nothing) or "ready". */
static const char *state_of(const struct channel *channel, const json_t *on_air)
{
	if (!channel->enabled)
		return "off";
	if (!json_is_object(json_object_get(on_air, "on")))
		return "building";
	if (json_is_object(json_object_get(on_air, "now")) || json_is_object(json_object_get(on_air, "next")))
		return "ready";
	return "empty";
}

static json_t *channel_json(struct server *server, struct db *db, const struct channel *channel,
			    struct err *err)
{
	json_t *on_air = guide_now(db, server->time, channel->id, station_now_ns(server->time), err), *one,
	       *json;
	static const char *const keys[] = { "now", "next", "on" };

	if (!on_air)
		return NULL;
	one = json_is_array(on_air) ? json_array_get(on_air, 0) : on_air;
	json = json_pack("{s:I, s:i, s:o, s:o, s:i, s:b, s:s, s:s, s:o, s:o, s:o, s:i, s:s}", "id",
			 (json_int_t)channel->id, "number", channel->number, "name",
			 json_clean(channel->name), "description", json_clean(channel->description), "hue",
			 channel->hue, "enabled", channel->enabled, "profile", channel->profile, "prepare",
			 channel->prepare, "logo", json_sprintf("/channel/%d/logo.png", channel->number),
			 "stream", json_sprintf("/channel/%d.m3u8", channel->number), "ts",
			 json_sprintf("/channel/%d.ts", channel->number), "viewers",
			 on_demand_viewers(server->on_demand, channel->id), "state", state_of(channel, one));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		json_t *value = json_object_get(one, keys[i]);

		json_object_set(json, keys[i], value ? value : json_null());
	}
	json_decref(on_air);
	return json;
}

#define IDS_MAX 500 /* as many as an address holds */

/* The list as it is sent: some KB a channel, of which there may be many thousands. */
struct list_parts {
	struct server *server;
	struct arena arena;
	struct channel_list list;
	size_t at, to, sent; /* to: behind the last that is asked for */
	bool begun, ended;
};

static int list_more(void *source, struct db *db, struct buf *to, struct err *err)
{
	struct list_parts *parts = source;

	if (parts->ended)
		return 0;
	if (!parts->begun)
		buf_addf(to, "{\"total\":%zu,\"items\":[", parts->list.count);
	parts->begun = true;
	if (parts->at < parts->to) {
		struct err why = { 0 };
		CLEANUP(json_cleanup) json_t *one = channel_json(parts->server, db, &parts->list.channels[parts->at++], &why);

		if (!one && why.code != ERR_NOT_FOUND) /* one that was removed meanwhile is left out */
			return err_set(err, why.code, "%s", why.text);
		if (one && parts->sent++)
			buf_addc(to, ',');
		if (one)
			json_write(to, one);
	}
	if (parts->at == parts->to) {
		buf_adds(to, "]}\n");
		parts->ended = true;
	}
	return to->failed ? err_set(err, ERR_TOO_LARGE, "a channel is larger than an answer may be") : 1;
}

static void list_close(void *source)
{
	struct list_parts *parts = source;

	arena_free(&parts->arena);
	free(parts);
}

static int by_number(const void *a, const void *b)
{
	return ((const struct channel *)a)->number - ((const struct channel *)b)->number;
}

static int by_name(const void *a, const void *b)
{
	int names = strcasecmp(((const struct channel *)a)->name, ((const struct channel *)b)->name);

	return names ? names : by_number(a, b);
}

static void turn_round(struct channel_list *list)
{
	for (size_t i = 0; i < list->count / 2; i++) {
		struct channel other = list->channels[i];

		list->channels[i] = list->channels[list->count - 1 - i];
		list->channels[list->count - 1 - i] = other;
	}
}

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Only those of ids=1,2,3, where it is given: who knows the others asks for what has changed. */
static int choose_ids(struct channel_list *list, const char *text, struct err *err)
{
	int64_t ids[IDS_MAX];
	size_t count = 0, kept = 0;

	for (const char *at = text; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		char *end;

		if (count == IDS_MAX)
			return err_set(err, ERR_USAGE, "ids: at most %d channels can be named", IDS_MAX);
		ids[count++] = strtoll(at, &end, 10);
		if (end == at || (*end && *end != ','))
			return err_set(err, ERR_USAGE, "ids are numbers with commas between, not '%.40s'", text);
	}
	qsort(ids, count, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < list->count; i++)
		if (bsearch(&list->channels[i].id, ids, count, sizeof(*ids), compare_ids))
			list->channels[kept++] = list->channels[i];
	list->count = kept;
	return 0;
}

/* Those whose name, description or number has the words, in the order that is asked for; all in that of their numbers. */
static int choose(struct list_parts *parts, const struct listing *listing, struct err *err)
{
	struct channel_list *list = &parts->list;
	bool backwards = listing->sort && *listing->sort == '-';
	const char *sort = listing->sort ? listing->sort + backwards : "number";
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct channel *channel = &list->channels[i];
		char number[16];

		snprintf(number, sizeof(number), "%d", channel->number);
		if (listing_has(listing, channel->name) || listing_has(listing, channel->description) ||
		    listing_has(listing, number))
			list->channels[kept++] = *channel;
	}
	list->count = kept;
	if (strcmp(sort, "number") != 0 && strcmp(sort, "name") != 0)
		return err_set(err, ERR_USAGE, "sort by '%.40s': choose number or name", sort);
	if (list->count)
		qsort(list->channels, list->count, sizeof(*list->channels), strcmp(sort, "name") == 0 ? by_name : by_number);
	if (backwards)
		turn_round(list);
	parts->at = (size_t)listing->offset < kept ? (size_t)listing->offset : kept;
	parts->to = (size_t)listing->limit < kept - parts->at ? parts->at + (size_t)listing->limit : kept;
	return 0;
}

int api_channels_get(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	struct db *db = store_reader(server->store, err);
	const char *ids = http_param(req, "ids", NULL);
	struct list_parts *parts;
	struct listing listing;
	int rc;

	if (!db || listing_take(req, LISTING_MAX, LISTING_MAX, &listing, err) < 0)
		return -(int)err->code;
	parts = calloc(1, sizeof(*parts));
	if (!parts)
		abort();
	parts->server = server;
	if (channels_list(db, &parts->arena, &parts->list, err) < 0 ||
	    (ids && choose_ids(&parts->list, ids, err) < 0) || choose(parts, &listing, err) < 0) {
		list_close(parts);
		return -(int)err->code;
	}
	rc = streamed_answer(req, "application/json", false, &(struct streamed) { parts, list_more, list_close }, err);
	http_header(req, "Cache-Control", "no-store");
	return rc;
}

static int answer_channel(struct http_request *req, unsigned status, int64_t id, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct channel channel;
	json_t *json;

	if (!db || channels_get(db, id, &req->arena, &channel, err) < 0)
		return -(int)err->code;
	json = channel_json(req->server, db, &channel, err);
	return json ? http_answer_json(req, status, json) : -(int)err->code;
}

int api_channel_get(struct http_request *req, struct err *err)
{
	return answer_channel(req, 200, req->param[0], err);
}

/* ---- in ---- */

#define TEXT_MAX 2000 /* bytes */

static int take_int(const json_t *body, const char *key, int min, int max, int *ret, struct err *err)
{
	const json_t *value = json_object_get(body, key);

	if (!value)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < min || json_integer_value(value) > max)
		return err_set(err, ERR_INVALID, "'%s' must be a whole number from %d to %d", key, min, max);
	*ret = (int)json_integer_value(value);
	return 0;
}

/* What the body says, over what `channel` holds. Texts live in *ret_body. *rules stays empty without
 * "schedule". */
static int read_body(struct http_request *req, json_t **ret_body, struct channel *channel, struct buf *rules,
		     struct err *err)
{
	static const char *const known[] = { "number", "name", "description", "hue", "enabled", "prepare", "profile", "schedule", NULL };
	json_t *body = *ret_body = http_body_object(req, err), *value;
	int rc;

	if (!body)
		return -(int)err->code;
	if ((rc = json_check_keys(body, "a channel", known, err)) < 0 ||
	    (rc = take_int(body, "number", 1, 99999, &channel->number, err)) < 0 ||
	    (rc = take_int(body, "hue", 0, 359, &channel->hue, err)) < 0 ||
	    (rc = json_take_text(body, "name", TEXT_MAX, &channel->name, err)) < 0 ||
	    (rc = json_take_text(body, "description", TEXT_MAX, &channel->description, err)) < 0 ||
	    (rc = json_take_text(body, "prepare", TEXT_MAX, &channel->prepare, err)) < 0 ||
	    (rc = json_take_text(body, "profile", TEXT_MAX, &channel->profile, err)) < 0)
		return rc;
	value = json_object_get(body, "enabled");
	if (value && !json_is_boolean(value))
		return err_set(err, ERR_INVALID, "'enabled' must be true or false");
	if (value)
		channel->enabled = json_is_true(value);
	value = json_object_get(body, "schedule");
	if (value && !json_is_object(value))
		return err_set(err, ERR_INVALID, "'schedule' must be an object");
	if (value)
		json_write(rules, value);
	return 0;
}

int api_channels_post(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	struct channel channel = { .hue = -1, .enabled = true };
	CLEANUP(json_cleanup) json_t *body = NULL;
	CLEANUP(buf_free) struct buf rules = { 0 };
	int64_t id;
	int rc = read_body(req, &body, &channel, &rules, err);

	if (rc < 0)
		return rc;
	if (!channel.name || !*channel.name)
		return err_set(err, ERR_INVALID, "a channel needs a name");
	rc = lineup_add(store_writer(server->store), server->time, &channel,
			rules.len ? buf_text(&rules) : "{}", &id, err);
	if (rc < 0)
		return rc;
	builder_changed(server->builder, id);
	rc = answer_channel(req, 201, id, err);
	if (rc >= 0)
		http_header(req, "Location", "/api/channels/%lld", (long long)id);
	return rc;
}

int api_channel_patch(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	struct db *db = store_reader(server->store, err);
	struct channel channel;
	CLEANUP(json_cleanup) json_t *body = NULL;
	CLEANUP(buf_free) struct buf rules = { 0 };
	int rc;

	if (!db)
		return -(int)err->code;
	if ((rc = channels_get(db, req->param[0], &req->arena, &channel, err)) < 0 ||
	    (rc = read_body(req, &body, &channel, &rules, err)) < 0 ||
	    (rc = lineup_edit(store_writer(server->store), server->time, &channel,
			      rules.len ? buf_text(&rules) : NULL, err)) < 0)
		return rc;
	builder_changed(server->builder, channel.id);
	return answer_channel(req, 200, channel.id, err);
}

int api_channel_delete(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	int rc = channels_remove(store_writer(server->store), req->param[0], err);

	if (rc < 0)
		return rc;
	builder_changed(server->builder, req->param[0]);
	return http_answer_empty(req, 204);
}
