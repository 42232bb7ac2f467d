/* streamed.c - see streamed.h. What is small is made at once and has a length, as every client likes it. */
#include "server/streamed.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/log.h"
#include "server/parts.h"

#define BLOCK ((size_t)32 << 10)
#define SMALL ((size_t)1 << 20)

struct delivery {
	struct streamed streamed;
	struct buf part, out; /* what was made last; what is not sent yet */
	size_t sent;
	z_stream z;
	bool gzip, ended;
};

static void delivery_free(void *state)
{
	struct delivery *d = state;

	if (d->gzip)
		deflateEnd(&d->z);
	d->streamed.close(d->streamed.source);
	buf_free(&d->part);
	buf_free(&d->out);
	free(d);
}

/* gzip (RFC 1952), at a level that costs little. */
static bool pack(struct delivery *d)
{
	int rc;

	d->z.next_in = (Bytef *)d->part.data;
	d->z.avail_in = (uInt)d->part.len;
	do {
		uLong room = deflateBound(&d->z, d->z.avail_in) + 64;
		char *to = buf_reserve(&d->out, room);

		if (!to)
			return false;
		d->z.next_out = (Bytef *)to;
		d->z.avail_out = (uInt)room;
		rc = deflate(&d->z, d->ended ? Z_FINISH : Z_NO_FLUSH);
		d->out.len += room - d->z.avail_out;
	} while (rc == Z_OK && d->z.avail_out == 0);
	return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR;
}

/* The next bytes, added to what goes out; none at the end. */
static int make_more(struct http_request *req, struct delivery *d, struct err *err)
{
	struct db *db = store_reader(req->server->store, err);
	int rc;

	buf_reset(&d->part);
	if (!db)
		return -(int)err->code;
	rc = d->streamed.more(d->streamed.source, db, &d->part, err);
	if (rc < 0)
		return rc;
	d->ended = rc == 0;
	if (!d->gzip)
		buf_add(&d->out, d->part.data, d->part.len);
	else if (!pack(d))
		return err_set(err, ERR_INTERNAL, "compress an answer: zlib fails");
	return 0;
}

static ssize_t send_parts(struct http_request *req, uint64_t pos, char *to, size_t max)
{
	struct delivery *d = req->state;
	struct err err = { 0 };
	size_t n;

	(void)pos;
	while (d->sent == d->out.len) {
		if (d->ended)
			return HTTP_READ_END;
		buf_reset(&d->out);
		d->sent = 0;
		if (make_more(req, d, &err) < 0) {
			log_warning("http", "%s: %s", req->path, err.text);
			return HTTP_READ_FAILED;
		}
	}
	n = d->out.len - d->sent < max ? d->out.len - d->sent : max;
	memcpy(to, d->out.data + d->sent, n);
	d->sent += n;
	return (ssize_t)n;
}

int streamed_answer(struct http_request *req, const char *type, bool gzip, const struct streamed *streamed,
		    struct err *err)
{
	struct delivery *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	d->streamed = *streamed;
	req->state = d;
	req->state_free = delivery_free;
	if (gzip && deflateInit2(&d->z, 4, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return err_set(err, ERR_INTERNAL, "compress an answer: zlib does not start");
	d->gzip = gzip;
	while (!d->ended && d->out.len < SMALL) {
		int rc = make_more(req, d, err);

		if (rc < 0)
			return rc;
	}
	if (d->ended) {
		http_answer_buf(req, 200, type, &d->out);
		return 0;
	}
	return http_answer_reader(req, 200, type, -1, BLOCK, send_parts);
}
