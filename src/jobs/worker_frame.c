/* worker_frame.c - see worker_frame.h. */
#include "jobs/worker_frame.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

void frame_reader_init(struct frame_reader *reader)
{
	*reader = (struct frame_reader){ .in = BUF_MAX(WORKER_MESSAGE_MAX + FRAME_HEAD + FRAME_READ + 1) };
}

void frame_reader_free(struct frame_reader *reader)
{
	buf_free(&reader->in);
	reader->taken = 0;
}

static size_t waiting(const struct frame_reader *reader)
{
	return reader->in.len - reader->taken;
}

static void drop_taken(struct frame_reader *reader)
{
	if (!reader->taken)
		return;
	memmove(reader->in.data, reader->in.data + reader->taken, waiting(reader));
	reader->in.len -= reader->taken;
	reader->taken = 0;
}

ssize_t frame_fill(struct frame_reader *reader, int fd, bool block)
{
	ssize_t n;
	char *to;

	drop_taken(reader);
	to = buf_reserve(&reader->in, FRAME_READ);
	if (!to) { /* cannot be: frame_take() refuses longer messages before they are read */
		errno = EMSGSIZE;
		return -1;
	}
	do
		n = recv(fd, to, FRAME_READ, block ? 0 : MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		reader->in.len += (size_t)n;
	return n;
}

/* 1 when a whole frame waits: its length without the head. */
static int frame_waits(const struct frame_reader *reader, const char **ret, size_t *ret_len, struct err *err)
{
	const unsigned char *head;

	if (waiting(reader) < FRAME_HEAD)
		return 0;
	head = (const unsigned char *)reader->in.data + reader->taken;
	*ret = (const char *)head + FRAME_HEAD;
	*ret_len = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
	if (*ret_len > WORKER_MESSAGE_MAX)
		return err_set(err, ERR_WORKER, "it announced a message of %zu bytes, the limit is %zu", *ret_len,
			       WORKER_MESSAGE_MAX);
	return waiting(reader) >= FRAME_HEAD + *ret_len;
}

int frame_take(struct frame_reader *reader, json_t **ret, struct err *err)
{
	struct err why = { 0 };
	json_t *message;
	const char *text;
	size_t len;
	int rc = frame_waits(reader, &text, &len, err);

	if (rc <= 0)
		return rc;
	message = json_parse(text, len, &why);
	if (!json_is_object(message)) {
		json_decref(message);
		return err_set(err, ERR_WORKER, "it sent what is not a message%s%s", why.text[0] ? ": " : "",
			       why.text);
	}
	reader->taken += FRAME_HEAD + len;
	*ret = message;
	return 1;
}

int frame_take_text(struct frame_reader *reader, const char **ret, size_t *ret_len, struct err *err)
{
	const char *text;
	size_t len;
	int rc = frame_waits(reader, &text, &len, err);

	if (rc <= 0)
		return rc;
	if (!len || *text != FRAME_TEXT)
		return 0;
	reader->taken += FRAME_HEAD + len;
	*ret = text + 1;
	*ret_len = len - 1;
	return 1;
}

bool frame_partial(const struct frame_reader *reader)
{
	return waiting(reader) > 0;
}

/* Fills in the head and sends. */
static int send_frame(int fd, struct buf *b, int timeout_ms, struct err *err)
{
	size_t done = 0, len;

	if (b->failed || b->len - FRAME_HEAD > WORKER_MESSAGE_MAX)
		return err_set(err, ERR_TOO_LARGE, "a message is longer than %zu bytes", WORKER_MESSAGE_MAX);
	len = b->len - FRAME_HEAD;
	for (int i = 0; i < FRAME_HEAD; i++)
		b->data[i] = (char)(len >> 8 * i & 0xFF);
	while (done < b->len) {
		ssize_t n = send(fd, b->data + done, b->len - done, MSG_NOSIGNAL | MSG_DONTWAIT);
		struct pollfd room = { .fd = fd, .events = POLLOUT };

		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			return err_set(err, ERR_WORKER, "the other side is gone: %s", strerror(errno));
		if (poll(&room, 1, timeout_ms) == 0)
			return err_set(err, ERR_WORKER, "the other side does not read");
	}
	return 0;
}

int frame_write(int fd, const json_t *message, int timeout_ms, struct err *err)
{
	CLEANUP(buf_free) struct buf b = BUF_MAX(WORKER_MESSAGE_MAX + FRAME_HEAD + 1);

	buf_add(&b, "\0\0\0\0", FRAME_HEAD);
	json_write(&b, message);
	return send_frame(fd, &b, timeout_ms, err);
}

int frame_write_text(int fd, const char *text, size_t len, int timeout_ms, struct err *err)
{
	CLEANUP(buf_free) struct buf b = BUF_MAX(WORKER_MESSAGE_MAX + FRAME_HEAD + 1);

	buf_add(&b, (const char[]){ 0, 0, 0, 0, FRAME_TEXT }, FRAME_HEAD + 1);
	buf_add(&b, text, len);
	return send_frame(fd, &b, timeout_ms, err);
}
