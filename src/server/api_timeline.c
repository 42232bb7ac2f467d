/* api_timeline.c - a channel's rules, and its fine log as rows: what the page and people who look for a fault
 * read. */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "server/handlers.h"
#include "server/json_clean.h"
#include "server/listing.h"
#include "server/parts.h"
#include "server/segment_source.h"
#include "store/channels.h"
#include "store/timeline.h"

#define HOUR_MS (INT64_C(3600) * 1000)
#define ROWS_MAX 1000

int api_schedule_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	const char *rules;
	int64_t seed;
	json_t *json;

	if (!db || schedules_get(db, req->param[0], &req->arena, &rules, &seed, err) < 0)
		return -(int)err->code;
	json = json_parse(rules, strlen(rules), err);
	if (!json)
		return err_under(err, "the schedule of channel %lld", (long long)req->param[0]);
	return http_answer_json(req, 200,
				json_pack("{s:o, s:I}", "schedule", json, "seed", (json_int_t)seed));
}

static int64_t flicks_of(const struct channel *channel, int64_t station_ns)
{
	return (int64_t)((__int128)(station_ns - channel->epoch_ns) * 441 / 625);
}

static json_t *time_json(const struct server *server, const struct channel *channel, int64_t flicks)
{
	char text[40];

	return json_string(clock_format(
		text, sizeof(text), station_to_wall_ms(server->time, segment_station_ns(channel, flicks))));
}

static json_t *row_json(const struct server *server, const struct channel *channel,
			const struct timeline_row *row)
{
	int64_t end = timeline_row_end(row);
	json_t *item = row->item_id ? json_integer(row->item_id) : json_null();

	return json_pack("{s:o, s:o, s:I, s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:s}", "start",
			 time_json(server, channel, row->start_flicks), "end",
			 time_json(server, channel, end), "duration_ms",
			 (json_int_t)((end - row->start_flicks) / (PLAN_FLICKS / 1000)), "kind", row->kind,
			 "title", json_clean(row->title), "item_id", item, "frames", (json_int_t)row->frames,
			 "first_seq", (json_int_t)row->first_seq, "segments", (json_int_t)row->segments, "k0",
			 (json_int_t)row->k0, "start_flicks", (json_int_t)row->start_flicks, "clip",
			 row->clip.key);
}

int api_timeline_get(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	struct db *db = store_reader(server->store, err);
	int64_t now_ms = station_to_wall_ms(server->time, station_now_ns(server->time)), from_ms, to_ms;
	CLEANUP(json_cleanup) json_t *items = json_array();
	struct timeline_rows rows;
	struct listing listing;
	struct channel channel;

	if (!db || channels_get(db, req->param[0], &req->arena, &channel, err) < 0 ||
	    listing_take(req, LISTING_MAX, LISTING_MAX, &listing, err) < 0 || http_param_time(req, "from", now_ms, &from_ms, err) < 0 ||
	    http_param_time(req, "to", from_ms + HOUR_MS, &to_ms, err) < 0)
		return -(int)err->code;
	if (to_ms <= from_ms)
		return err_set(err, ERR_USAGE, "'to' must be later than 'from'");
	if (timeline_window(db, channel.id, flicks_of(&channel, station_from_wall_ms(server->time, from_ms)),
			    flicks_of(&channel, station_from_wall_ms(server->time, to_ms)), ROWS_MAX,
			    &req->arena, &rows, err) < 0)
		return -(int)err->code;
	for (size_t i = 0; i < rows.count; i++)
		json_array_append_new(items, row_json(server, &channel, &rows.rows[i]));
	return listing_answer(req, json_pack("{s:O}", "items", items), &listing, err);
}
