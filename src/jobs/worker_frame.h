/* worker_frame.h - the frames that worker and supervisor exchange: a little-endian uint32 length, then JSON
 * or, from the child only, FRAME_TEXT and text.
 *
 * Both sides read with the same distrust: a length above WORKER_MESSAGE_MAX or text that is not a JSON object is an
 * error after which the connection is of no use. Private to src/jobs. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "jobs/worker.h"

/* What came in and has not been taken yet. buf.max bounds it. */
struct frame_reader {
	struct buf in;
	size_t taken; /* bytes of `in` that earlier messages used */
};

#define FRAME_HEAD 4
#define FRAME_TEXT 'T' /* begins what is not JSON */
#define FRAME_READ ((size_t)64 << 10) /* bytes asked of the socket at once */

void frame_reader_init(struct frame_reader *reader);
void frame_reader_free(struct frame_reader *reader);

/* Reads once from the socket: > 0 bytes, 0 at its end, -1 with errno (EAGAIN: nothing there). */
ssize_t frame_fill(struct frame_reader *reader, int fd, bool block);

/* The next whole message: 1 with a new reference, 0 when more bytes are needed, <0 for garbage (ERR_WORKER). */
int frame_take(struct frame_reader *reader, json_t **ret, struct err *err);
/* The same for text; 0 too when what comes next is JSON. *ret lives until the next frame_fill(). */
int frame_take_text(struct frame_reader *reader, const char **ret, size_t *ret_len, struct err *err);
bool frame_partial(const struct frame_reader *reader); /* part of a message is here */

/* Writes a whole message, waiting at most timeout_ms (-1: for ever) for room. Never raises SIGPIPE.
 * ERR_TOO_LARGE before a byte was written, ERR_WORKER when the other side is gone or does not read. */
int frame_write(int fd, const json_t *message, int timeout_ms, struct err *err);
int frame_write_text(int fd, const char *text, size_t len, int timeout_ms, struct err *err);

/* The child said that its program runs: what kills it from now on is the job. For worker_batch.c. */
bool worker_ready(const struct worker *worker);
