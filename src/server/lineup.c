/* lineup.c - what players read to know the channels: M3U and XMLTV. The texts are made in station/guide.c. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "server/handlers.h"
#include "server/parts.h"
#include "server/streamed.h"
#include "station/guide.h"

#define LINEUP_MAX ((size_t)64 << 20)

/* Whole days; of less than one, players are told one: they know nothing smaller. */
static int catchup_days(const struct server *server)
{
	int64_t days = server->catchup_ns / (24 * 3600 * CLOCK_SECOND);

	return days > 1 ? (int)days : 1;
}

int lineup_m3u_get(struct http_request *req, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	CLEANUP(buf_free) struct buf text = BUF_MAX(LINEUP_MAX);
	int rc = db ? guide_m3u(db, req->server->time, http_base_url(req), catchup_days(req->server), &text, err) : -(int)err->code;

	if (rc < 0)
		return rc;
	http_answer_buf(req, 200, "audio/x-mpegurl; charset=utf-8", &text);
	http_header(req, "Cache-Control", "no-cache");
	return 0;
}

static int more_xmltv(void *source, struct db *db, struct buf *to, struct err *err)
{
	return guide_stream_more(source, db, to, err);
}

static void close_xmltv(void *source)
{
	guide_stream_close(source);
}

static int answer_xmltv(struct http_request *req, bool gzip, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct guide_stream *guide;
	int rc = db ? guide_stream_open(db, req->server->time, http_base_url(req), &guide, err) : -(int)err->code;

	if (rc < 0)
		return rc;
	rc = streamed_answer(req, gzip ? "application/gzip" : "application/xml; charset=utf-8", gzip,
			     &(struct streamed) { guide, more_xmltv, close_xmltv }, err);
	http_header(req, "Cache-Control", "no-cache");
	return rc;
}

int lineup_xmltv_get(struct http_request *req, struct err *err)
{
	return answer_xmltv(req, false, err);
}

int lineup_xmltv_gz_get(struct http_request *req, struct err *err)
{
	return answer_xmltv(req, true, err);
}
