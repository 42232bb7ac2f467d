/* lineup.c - what players read to know the channels: M3U and XMLTV. The texts are made in station/guide.c. */
#include <zlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "server/handlers.h"
#include "server/parts.h"
#include "station/guide.h"

#define LINEUP_MAX ((size_t)512 << 20)

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
	int rc = db ? guide_m3u(db, http_base_url(req), catchup_days(req->server), &text, err) : -(int)err->code;

	if (rc < 0)
		return rc;
	http_answer_buf(req, 200, "audio/x-mpegurl; charset=utf-8", &text);
	http_header(req, "Cache-Control", "no-cache");
	return 0;
}

static int write_xmltv(struct http_request *req, struct buf *text, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	int rc = db ? guide_xmltv(db, req->server->time, http_base_url(req), text, err) : -(int)err->code;

	if (rc >= 0 && text->failed)
		return err_set(err, ERR_TOO_LARGE, "the guide is larger than %zu bytes", LINEUP_MAX);
	return rc;
}

int lineup_xmltv_get(struct http_request *req, struct err *err)
{
	CLEANUP(buf_free) struct buf text = BUF_MAX(LINEUP_MAX);
	int rc = write_xmltv(req, &text, err);

	if (rc < 0)
		return rc;
	http_answer_buf(req, 200, "application/xml; charset=utf-8", &text);
	http_header(req, "Cache-Control", "no-cache");
	return 0;
}

/* gzip (RFC 1952), at a level that costs little: the guide is mostly repetition. */
static int compress_gzip(const struct buf *from, struct buf *to, struct err *err)
{
	z_stream z = { .next_in = (Bytef *)from->data, .avail_in = (uInt)from->len };
	uLong bound;
	int rc;

	if (deflateInit2(&z, 4, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return err_set(err, ERR_INTERNAL, "compress the guide: zlib does not start");
	bound = deflateBound(&z, (uLong)from->len);
	z.next_out = (Bytef *)buf_reserve(to, bound);
	z.avail_out = (uInt)bound;
	rc = z.next_out ? deflate(&z, Z_FINISH) : Z_MEM_ERROR;
	to->len += z.total_out;
	deflateEnd(&z);
	return rc == Z_STREAM_END ? 0 : err_set(err, ERR_INTERNAL, "compress the guide: zlib answers %d", rc);
}

int lineup_xmltv_gz_get(struct http_request *req, struct err *err)
{
	CLEANUP(buf_free) struct buf text = BUF_MAX(LINEUP_MAX);
	CLEANUP(buf_free) struct buf small = BUF_MAX(LINEUP_MAX);
	int rc = write_xmltv(req, &text, err);

	if (rc < 0 || (rc = compress_gzip(&text, &small, err)) < 0)
		return rc;
	http_answer_buf(req, 200, "application/gzip", &small);
	http_header(req, "Cache-Control", "no-cache");
	return 0;
}
