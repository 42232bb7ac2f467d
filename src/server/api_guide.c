/* api_guide.c - GET /api/guide. Times are wall time; the station's own is station/station_time.h. */
#include "server/handlers.h"
#include "server/parts.h"
#include "server/segment_source.h"
#include "server/streamed.h"
#include "station/guide.h"

#define HOUR_MS (INT64_C(3600) * 1000)

static int more(void *source, struct db *db, struct buf *to, struct err *err)
{
	return guide_parts_more(source, db, to, err);
}

static void close_parts(void *source)
{
	guide_parts_close(source);
}

int api_guide_get(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	struct db *db = store_reader(server->store, err);
	int64_t now_ms = station_to_wall_ms(server->time, station_now_ns(server->time)), from_ms, to_ms;
	int64_t limit, offset;
	struct guide_parts *parts;
	int rc;

	if (!db || http_param_time(req, "from", now_ms, &from_ms, err) < 0 ||
	    http_param_time(req, "to", from_ms + 6 * HOUR_MS, &to_ms, err) < 0 ||
	    http_param_page(req, 1, INT32_MAX, INT32_MAX, &limit, &offset, err) < 0)
		return -(int)err->code;
	if (to_ms <= from_ms)
		return err_set(err, ERR_USAGE, "'to' must be later than 'from'");
	if (to_ms - from_ms > 7 * 24 * HOUR_MS)
		return err_set(err, ERR_USAGE, "the guide is given for at most 7 days at a time");
	rc = guide_parts_open(db, server->time, from_ms, to_ms, segment_source_has, server, &parts, err);
	if (rc < 0)
		return rc;
	guide_parts_only(parts, offset, limit);
	rc = streamed_answer(req, "application/json", false, &(struct streamed) { parts, more, close_parts }, err);
	http_header(req, "Cache-Control", "no-store");
	return rc;
}
