/* lineup.c - what players read to know the channels: M3U and XMLTV. The texts are made in station/guide.c. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "server/handlers.h"
#include "server/parts.h"
#include "station/guide.h"

#define LINEUP_MAX ((size_t)64 << 20)
#define GUIDE_BLOCK ((size_t)32 << 10)

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

/* ---- XMLTV, as it is sent ---- */

struct delivery {
	struct guide_stream *guide;
	struct buf part, packed; /* what was made and is not sent yet */
	size_t sent;
	z_stream z;
	bool gzip, ended;
};

static void delivery_free(void *state)
{
	struct delivery *d = state;

	if (d->gzip)
		deflateEnd(&d->z);
	guide_stream_close(d->guide);
	buf_free(&d->part);
	buf_free(&d->packed);
	free(d);
}

/* gzip (RFC 1952), at a level that costs little: the guide is mostly repetition. */
static bool pack(struct delivery *d)
{
	int rc;

	buf_reset(&d->packed);
	d->z.next_in = (Bytef *)d->part.data;
	d->z.avail_in = (uInt)d->part.len;
	do {
		uLong room = deflateBound(&d->z, d->z.avail_in) + 64;
		char *to = buf_reserve(&d->packed, room);

		if (!to)
			return false;
		d->z.next_out = (Bytef *)to;
		d->z.avail_out = (uInt)room;
		rc = deflate(&d->z, d->ended ? Z_FINISH : Z_NO_FLUSH);
		d->packed.len += room - d->z.avail_out;
	} while (rc == Z_OK && d->z.avail_out == 0);
	return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR;
}

/* The next bytes; none at the end. */
static int make_more(struct http_request *req, struct delivery *d, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	int rc;

	buf_reset(&d->part);
	d->sent = 0;
	if (!db)
		return -(int)err->code;
	rc = guide_stream_more(d->guide, db, &d->part, err);
	if (rc < 0)
		return rc;
	d->ended = rc == 0;
	if (d->gzip && !pack(d))
		return err_set(err, ERR_INTERNAL, "compress the guide: zlib fails");
	return 0;
}

static ssize_t send_guide(struct http_request *req, uint64_t pos, char *to, size_t max)
{
	struct delivery *d = req->state;
	const struct buf *made = d->gzip ? &d->packed : &d->part;
	struct err err = { 0 };
	size_t n;

	(void)pos;
	while (d->sent == made->len) {
		if (d->ended)
			return HTTP_READ_END;
		if (make_more(req, d, &err) < 0) {
			log_warning("http", "send the guide: %s", err.text);
			return HTTP_READ_FAILED;
		}
	}
	n = made->len - d->sent < max ? made->len - d->sent : max;
	memcpy(to, made->data + d->sent, n);
	d->sent += n;
	return (ssize_t)n;
}

static int answer_xmltv(struct http_request *req, bool gzip, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	struct delivery *d;
	int rc;

	if (!db)
		return -(int)err->code;
	d = calloc(1, sizeof(*d));
	if (!d)
		abort();
	req->state = d;
	req->state_free = delivery_free;
	rc = guide_stream_open(db, req->server->time, http_base_url(req), &d->guide, err);
	if (rc < 0)
		return rc;
	if (gzip && deflateInit2(&d->z, 4, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return err_set(err, ERR_INTERNAL, "compress the guide: zlib does not start");
	d->gzip = gzip;
	http_answer_reader(req, 200, gzip ? "application/gzip" : "application/xml; charset=utf-8", -1, GUIDE_BLOCK, send_guide);
	http_header(req, "Cache-Control", "no-cache");
	return 0;
}

int lineup_xmltv_get(struct http_request *req, struct err *err)
{
	return answer_xmltv(req, false, err);
}

int lineup_xmltv_gz_get(struct http_request *req, struct err *err)
{
	return answer_xmltv(req, true, err);
}
