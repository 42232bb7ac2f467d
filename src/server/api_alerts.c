/* api_alerts.c - alerts: raised, listed and cancelled. What an alert is: station/alert.h; here is only JSON. */
#include <string.h>

#include "base/cleanup.h"
#include "server/handlers.h"
#include "server/listing.h"
#include "server/parts.h"
#include "station/alert.h"

#define CHANNELS_MAX 10000

int api_alerts_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct listing listing;
	json_t *list;

	if (!db || listing_take(req, 100, 1000, &listing, err) < 0)
		return -(int)err->code;
	if (!listing_chooses(&listing)) {
		list = alert_list_json(db, req->server->time, listing.limit, listing.offset, err);
		return list ? http_answer_json(req, 200, list) : -(int)err->code;
	}
	list = alert_list_json(db, req->server->time, LISTING_CHOSEN_FROM, 0, err);
	return list ? listing_answer(req, list, &listing, err) : -(int)err->code;
}

static int take_channels(struct http_request *req, const json_t *list, struct alert_request *to, struct err *err)
{
	size_t count = json_array_size(list);
	int64_t *ids;

	if (!list || json_is_null(list))
		return 0;
	if (!json_is_array(list) || count > CHANNELS_MAX)
		return err_set(err, ERR_INVALID, "'channels' must be null or a list of at most %d ids", CHANNELS_MAX);
	ids = arena_alloc(&req->arena, (count + 1) * sizeof(*ids));
	for (size_t i = 0; i < count; i++) {
		if (!json_is_integer(json_array_get(list, i)))
			return err_set(err, ERR_INVALID, "'channels' must be null or a list of ids");
		ids[i] = json_integer_value(json_array_get(list, i));
	}
	to->channels = ids;
	to->channel_count = count;
	return 0;
}

static int take_number(const json_t *body, const char *key, int64_t *ret, struct err *err)
{
	const json_t *value = json_object_get(body, key);

	if (!value)
		return 0;
	if (!json_is_integer(value))
		return err_set(err, ERR_INVALID, "'%s' must be a whole number", key);
	*ret = json_integer_value(value);
	return 0;
}

static int read_request(struct http_request *req, json_t *body, struct alert_request *ret, struct err *err)
{
	static const char *const known[] = { "text", "channels", "priority", "for_ms", "resume", NULL };
	const json_t *text = json_object_get(body, "text");

	*ret = (struct alert_request){ .priority = ALERT_PRIORITY, .for_ms = ALERT_FOR_MS };
	if (json_check_keys(body, "an alert", known, err) < 0)
		return -(int)ERR_INVALID;
	if (!json_is_string(text) || strlen(json_string_value(text)) != json_string_length(text))
		return err_set(err, ERR_INVALID, "'text' must be a text");
	ret->text = json_string_value(text);
	if (take_number(body, "priority", &ret->priority, err) < 0 || take_number(body, "for_ms", &ret->for_ms, err) < 0)
		return -(int)ERR_INVALID;
	if (json_object_get(body, "resume") && !json_is_boolean(json_object_get(body, "resume")))
		return err_set(err, ERR_INVALID, "'resume' must be true or false");
	ret->resume = json_is_true(json_object_get(body, "resume"));
	return take_channels(req, json_object_get(body, "channels"), ret, err);
}

int api_alerts_post(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	struct db *db = store_reader(server->store, err);
	CLEANUP(json_cleanup) json_t *body = http_body_object(req, err);
	struct alert_request request;
	json_t *json;
	int64_t id;
	int rc;

	if (!body)
		return -(int)err->code;
	if (!db)
		return -(int)err->code;
	rc = read_request(req, body, &request, err);
	if (rc == 0)
		rc = alert_start(store_writer(server->store), server->time, &request, &id, err);
	if (rc < 0)
		return rc;
	server_alert_changed(server, id);
	json = alert_json(db, server->time, id, err);
	if (!json)
		return -(int)err->code;
	http_answer_json(req, 201, json);
	http_header(req, "Location", "/api/alerts/%lld", (long long)id);
	return 0;
}

int api_alert_delete(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	int rc = alert_cancel(store_writer(server->store), server->time, req->param[0], err);

	if (rc < 0)
		return rc;
	server_alert_changed(server, req->param[0]);
	return http_answer_empty(req, 204);
}
