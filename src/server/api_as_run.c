/* api_as_run.c - GET /api/as-run: what was really sent. */
#include "base/clock.h"
#include "server/handlers.h"
#include "server/listing.h"
#include "server/parts.h"
#include "station/as_run.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

int api_as_run_get(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	struct db *db = store_reader(server->store, err);
	int64_t now_ms = station_to_wall_ms(server->time, station_now_ns(server->time)), from_ms, to_ms, channel_id;
	struct listing listing;
	json_t *list;

	if (!db || listing_take(req, LISTING_MAX, LISTING_MAX, &listing, err) < 0 || http_param_int(req, "channel", 1, INT64_MAX, 0, &channel_id, err) < 0 ||
	    http_param_time(req, "to", now_ms, &to_ms, err) < 0 ||
	    http_param_time(req, "from", to_ms - DAY_MS, &from_ms, err) < 0)
		return -(int)err->code;
	if (to_ms <= from_ms)
		return err_set(err, ERR_USAGE, "'to' must be later than 'from'");
	list = as_run_json(db, server->time, channel_id, station_from_wall_ms(server->time, from_ms),
			   station_from_wall_ms(server->time, to_ms), err);
	return list ? listing_answer(req, list, &listing, err) : -(int)err->code;
}
