/* tuner_empty.c - /tuner/empty.ts: what stands in the lineup of a tuner while no channel is on. Plex and others refuse a device
 * without channels, and would have to be set up again later; this one says in the picture what to do.
 *
 * A card without end: segments of a clip that no file has, paced by the clock after a burst, each made from what the card's
 * picture is in memory. Knows no channel and no schedule. */
#include <stdlib.h>

#include "base/clock.h"
#include "server/handlers.h"
#include "server/parts.h"
#include "server/segment_source.h"

#define CARD "No channel has been made yet.\nMake one in Matinee, then scan for channels again."
#define PROFILE "480p"
#define RATE 25
#define BURST_SEGMENTS 3
#define SEGMENT_NS (2 * CLOCK_SECOND)
#define FRAMES ((int64_t)RATE * 3600 * 24 * 7) /* then it ends, and players ask again */
#define STALL_SECONDS 75u
#define CARD_RETRY_MS 300
#define STREAM_BLOCK ((size_t)188 * 348)

struct empty {
	struct http_request *req;
	struct on_air_segment segment;
	struct segment_source source;
	int64_t k, sent, began_ns, until_ns; /* 0: it does not end */
};

static void empty_free(void *state)
{
	struct empty *empty = state;

	segment_source_close(&empty->source);
	free(empty);
}

static ssize_t sleep_ms(struct empty *empty, int64_t ms)
{
	return waits_suspend(empty->req->server->waits, &empty->req->wait, WAIT_ANY, ms > 1000 ? 1000 : ms < 1 ? 1 : ms) ?
		       0 :
		       HTTP_READ_END;
}

/* The next one, when its time has come and its card is there: 1; 0 asleep, <0 the end. */
static ssize_t next(struct empty *empty)
{
	int64_t wait_ns = empty->began_ns + (empty->k - BURST_SEGMENTS) * SEGMENT_NS - clock_boot_ns();
	struct plan_rate rate = { RATE, 1 };

	if (empty->k >= plan_segments(FRAMES, rate) || (empty->until_ns && clock_boot_ns() >= empty->until_ns))
		return HTTP_READ_END;
	if (wait_ns > 0)
		return sleep_ms(empty, wait_ns / CLOCK_MS + 1);
	empty->segment.plan = plan_segment(FRAMES, rate, empty->k);
	if (segment_source_slate(empty->req->server, &empty->segment, &empty->source, NULL) < 0)
		return sleep_ms(empty, CARD_RETRY_MS);
	if (!empty->k) /* it had to be made first */
		empty->began_ns = clock_boot_ns();
	empty->k++;
	empty->sent = 0;
	return 1;
}

static ssize_t send_empty(struct http_request *req, uint64_t pos, char *to, size_t max)
{
	struct empty *empty = req->state;
	ssize_t n;

	(void)pos;
	do {
		n = empty->source.open ? segment_source_read(&empty->source, empty->sent, to, max) : 0;
		if (n > 0) {
			empty->sent += n;
			return n;
		}
		segment_source_close(&empty->source);
		n = n < 0 ? n : next(empty);
	} while (n > 0);
	return n;
}

int tuner_empty_get(struct http_request *req, struct err *err)
{
	struct empty *empty;
	int64_t seconds;
	int rc = http_param_int(req, "duration", 0, 7 * 24 * 3600, 0, &seconds, err);

	if (rc < 0)
		return rc;
	empty = calloc(1, sizeof(*empty));
	if (!empty)
		abort();
	empty->req = req;
	empty->source = SEGMENT_SOURCE_NONE;
	empty->began_ns = clock_boot_ns();
	empty->until_ns = seconds ? empty->began_ns + seconds * CLOCK_SECOND : 0;
	empty->segment = (struct on_air_segment){ .slate = true, .card = CARD, .stamp = ON_AIR_PTS_BASE };
	req->state = empty;
	req->state_free = empty_free;
	rc = profile_get(PROFILE, RATE, 1, &empty->segment.clip.profile, err);
	if (rc < 0)
		return rc;
	http_set_timeout(req, STALL_SECONDS);
	http_answer_reader(req, 200, "video/mp2t", -1, STREAM_BLOCK, send_empty);
	http_header(req, "Cache-Control", "no-store");
	return 0;
}
