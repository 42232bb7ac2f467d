/* api_events.c - GET /api/events: server-sent events (HTML standard, 9.2). The request sleeps between events;
 * the timer wakes it every 15 s for a comment, so that a client that left is noticed. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "server/events.h"
#include "server/handlers.h"
#include "server/parts.h"
#include "base/clock.h"

#define HEARTBEAT_MS 15000

struct listener {
	int64_t id;	 /* the last event that was sent */
	int64_t beat_ns; /* when the last bytes went out */
	struct buf out;
	size_t sent; /* of out */
};

static void listener_free(void *state)
{
	struct listener *listener = state;

	buf_free(&listener->out);
	free(listener);
}

static ssize_t events_send(struct http_request *req, uint64_t pos, char *to, size_t max)
{
	struct listener *listener = req->state;
	struct events *events = req->server->events;
	size_t n;

	(void)pos;
	if (listener->sent == listener->out.len) {
		buf_reset(&listener->out);
		listener->sent = 0;
		listener->id = events_read(events, listener->id, &listener->out);
		if (!listener->out.len && clock_boot_ns() - listener->beat_ns >= HEARTBEAT_MS * CLOCK_MS)
			buf_adds(&listener->out, ":\n\n");
	}
	n = listener->out.len - listener->sent;
	if (!n) {
		if (!waits_suspend(req->server->waits, &req->wait, WAIT_EVENTS, HEARTBEAT_MS))
			return HTTP_READ_END;
		/* One that was published in between woke nobody. */
		if (events_last(events) > listener->id)
			http_resume(req);
		return 0;
	}
	if (n > max)
		n = max;
	memcpy(to, listener->out.data + listener->sent, n);
	listener->sent += n;
	listener->beat_ns = clock_boot_ns();
	return (ssize_t)n;
}

int api_events_get(struct http_request *req, struct err *err)
{
	const char *last = http_in_header(req, "Last-Event-ID");
	struct listener *listener = calloc(1, sizeof(*listener));

	(void)err;
	if (!listener)
		abort();
	listener->id = events_last(req->server->events);
	if (last && *last && strspn(last, "0123456789") == strlen(last) && strlen(last) <= 18)
		listener->id =
			strtoll(last, NULL, 10) < listener->id ? strtoll(last, NULL, 10) : listener->id;
	listener->out = BUF_MAX((size_t)1 << 20);
	buf_adds(&listener->out, "retry: 2000\n\n");
	req->state = listener;
	req->state_free = listener_free;
	http_answer_reader(req, 200, "text/event-stream", -1, 4096, events_send);
	http_header(req, "Cache-Control", "no-store");
	http_header(req, "X-Accel-Buffering", "no");
	return 0;
}
