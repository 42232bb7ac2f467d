/* channel_ts.c - /channel/N.ts: the same stamped segments as one endless stream.
 *
 * Begins three segments behind the edge, at a segment's border (so at an IDR), then sends each segment when
 * the clock says that it has been on the air. A reader that is slow is served from the past, up to 60 s of
 * it, and then dropped. What is not ready within 6 s is replaced by slate. A player that began with the first byte needs
 * each segment no later, counted from its end, than the first one was sent: past that nothing is waited for, or the player
 * would stand still (VLC: "PCR called too late") and be that much behind for ever. The stream never stops. When the machine
 * sleeps for two minutes at most, the stream goes on where it was, so much later: its player slept as well, or had nothing.
 * A recorder may ask for ?duration=SECONDS, as it asks an HDHomeRun: then it ends when so much time has passed.
 * The request sleeps whenever there is nothing to send and is woken at least once a second. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "server/channel_find.h"
#include "server/handlers.h"
#include "server/on_demand.h"
#include "server/parts.h"
#include "server/segment_source.h"
#include "station/on_air.h"

#define BURST_SEGMENTS 3
#define DURATION_MAX (7 * 24 * 3600) /* s, that one can ask for */
#define BEHIND_NS (60 * CLOCK_SECOND)
#define ASLEEP_NS (120 * CLOCK_SECOND) /* after more he wants what is on now */
#define STALL_SECONDS 75u /* nothing could be sent for so long */
#define SEGMENT_WAIT_MS 6000
#define LEAST_WAIT_MS 300
#define READ_RETRY_MS 200
#define READ_TRIES 10
#define SPARE_MS 500 /* of what the player has, for the way there */
#define SLATE_RETRY_MS 300
#define STREAM_BLOCK ((size_t)188 * 348) /* 64 KiB */

enum stage {
	STAGE_NEXT,  /* look for the next segment */
	STAGE_WAIT,  /* for its encoding */
	STAGE_SLATE, /* for the profile's slate */
	STAGE_SEND,
};

struct stream {
	struct http_request *req;
	struct server *server;
	int64_t channel_id, generation, seq; /* seq: to be sent next */
	uint64_t client;
	enum stage stage;
	struct arena arena; /* of the segment at hand */
	struct on_air_segment segment;
	struct segment_source source;
	int64_t sent; /* of source */
	uint64_t wait_id;
	_Atomic bool ended; /* the wait */
	int rc;
	int slate_tries, read_tries;
	int64_t until_ns; /* it ends then, at a segment's end; 0: never */
	int64_t end_ns;	 /* when the segment at hand has aired, of station time */
	int64_t asleep_ns; /* of the machine, when it began */
	int64_t lead_ms; /* how long after that the first one was sent; -1: none yet */
};

/* Of its player, who knows nothing of the time that the machine slept. */
static int64_t now_of(const struct stream *stream)
{
	return station_now_ns(stream->server->time) - (clock_asleep_ns() - stream->asleep_ns);
}

static void stream_free(void *state)
{
	struct stream *stream = state;

	if (stream->wait_id)
		producer_forget(stream->server->producer, stream->wait_id);
	segment_source_close(&stream->source);
	arena_free(&stream->arena);
	free(stream);
}

/* Nothing to send now. */
static ssize_t sleep_ms(struct stream *stream, int64_t ms)
{
	if (ms > 1000)
		ms = 1000;
	if (ms < 1)
		ms = 1;
	return waits_suspend(stream->server->waits, &stream->req->wait, WAIT_ANY, ms) ? 0 : HTTP_READ_END;
}

static void wait_ended(void *context, int rc)
{
	struct stream *stream = context;

	stream->rc = rc;
	stream->ended = true;
	http_resume(stream->req);
}

static void send_it(struct stream *stream)
{
	if (stream->lead_ms < 0)
		stream->lead_ms = (now_of(stream) - stream->end_ns) / CLOCK_MS;
	segment_source_count(stream->server, &stream->segment, &stream->source);
	stream->sent = 0;
	stream->stage = STAGE_SEND;
}

/* The slate may have to be made first: it is asked for again until it is there. Without it the segment is
 * left out: the next one may do better. */
static ssize_t begin_slate(struct stream *stream)
{
	if (segment_source_slate(stream->server, &stream->segment, &stream->source, NULL) >= 0) {
		if (stream->source.stands_in)
			on_demand_late(stream->server->on_demand, stream->channel_id, stream->segment.seq);
		send_it(stream);
		return 1;
	}
	if (stream->stage != STAGE_SLATE)
		stream->slate_tries = 0;
	stream->stage = STAGE_SLATE;
	if (++stream->slate_tries <= SEGMENT_WAIT_MS / SLATE_RETRY_MS)
		return sleep_ms(stream, SLATE_RETRY_MS);
	stream->seq++;
	stream->stage = STAGE_NEXT;
	return 1;
}

/* late_ms: how long ago the segment has aired. Who has nothing yet waits for the first one. */
static int64_t patience_ms(const struct stream *stream, int64_t late_ms)
{
	int64_t wait_ms = stream->lead_ms < 0 ? SEGMENT_WAIT_MS : stream->lead_ms - SPARE_MS - late_ms;

	return wait_ms < LEAST_WAIT_MS ? LEAST_WAIT_MS : wait_ms > SEGMENT_WAIT_MS ? SEGMENT_WAIT_MS : wait_ms;
}

static ssize_t begin_wait(struct stream *stream, int64_t late_ms)
{
	stream->stage = STAGE_WAIT;
	stream->ended = false;
	if (!waits_suspend(stream->server->waits, &stream->req->wait, WAIT_ANY, 1000))
		return HTTP_READ_END;
	counters_add(&stream->server->counters.waited, 1);
	stream->wait_id = producer_wait(stream->server->producer, &stream->segment.clip, stream->segment.k,
					patience_ms(stream, late_ms), wait_ended, stream);
	return 0;
}

/* The channel as its row says now; false when the stream must end. */
static bool still_there(struct stream *stream, struct db *db, struct channel *ret)
{
	return db && channels_get(db, stream->channel_id, &stream->arena, ret, NULL) >= 0 && ret->enabled &&
	       ret->generation == stream->generation;
}

/* Rows may have a gap (the station was off): then it goes on at the edge. */
static int find_next(struct stream *stream, struct db *db, const struct channel *channel, int64_t now)
{
	int64_t edge;

	if (on_air_segment(db, channel, stream->seq, &stream->arena, &stream->segment, NULL) >= 0)
		return 0;
	if (on_air_edge(db, channel, now, &stream->arena, &edge, NULL) < 0 || edge < stream->seq)
		return -ERR_NOT_FOUND;
	stream->seq = edge;
	return on_air_segment(db, channel, edge, &stream->arena, &stream->segment, NULL);
}

static ssize_t next_segment(struct stream *stream)
{
	struct server *server = stream->server;
	struct db *db = store_reader(server->store, NULL);
	int64_t now = now_of(stream), end_ns;
	struct channel channel;
	bool cached;

	arena_free(&stream->arena);
	stream->read_tries = 0;
	if (!still_there(stream, db, &channel))
		return HTTP_READ_END;
	if (find_next(stream, db, &channel, now) < 0)
		return sleep_ms(stream, 1000);
	end_ns = segment_station_ns(&channel, stream->segment.start_flicks + stream->segment.duration_flicks);
	stream->end_ns = end_ns;
	if (end_ns > now) {
		on_demand_asked(server->on_demand, &channel, stream->client, -1, false);
		return sleep_ms(stream, (end_ns - now) / CLOCK_MS + 1);
	}
	if (now - end_ns > BEHIND_NS || station_now_ns(server->time) - now > ASLEEP_NS)
		return HTTP_READ_FAILED;
	segment_source_revive(server, &stream->segment);
	if (stream->segment.slate) {
		on_demand_asked(server->on_demand, &channel, stream->client, stream->seq, false);
		return begin_slate(stream);
	}
	cached = segment_source_cached(server, &stream->segment, &stream->source);
	on_demand_asked(server->on_demand, &channel, stream->client, stream->seq, !cached);
	if (!cached)
		return begin_wait(stream, (now - end_ns) / CLOCK_MS);
	send_it(stream);
	return 1;
}

/* It is there and cannot be opened for the moment, or was lost meanwhile. */
static ssize_t read_again(struct stream *stream)
{
	if (clip_cache_has(stream->server->cache, stream->segment.clip.key, stream->segment.k))
		return sleep_ms(stream, READ_RETRY_MS);
	return begin_wait(stream, (now_of(stream) - stream->end_ns) / CLOCK_MS);
}

/* What cannot be read is made anew; the rest of it is left out when some of it was sent. */
static void lost_it(struct stream *stream)
{
	segment_source_spoilt(stream->server, &stream->segment, &stream->source);
	if (stream->sent)
		return;
	segment_source_close(&stream->source);
	stream->stage = STAGE_NEXT;
}

static ssize_t waited(struct stream *stream)
{
	if (!stream->ended)
		return sleep_ms(stream, 1000);
	producer_forget(stream->server->producer, stream->wait_id); /* its last steps use the request */
	stream->wait_id = 0;
	if (stream->rc >= 0 && segment_source_cached(stream->server, &stream->segment, &stream->source)) {
		send_it(stream);
		return 1;
	}
	if (stream->rc >= 0 && stream->read_tries++ < READ_TRIES)
		return read_again(stream);
	counters_add(&stream->server->counters.late, 1);
	return begin_slate(stream);
}

/* 1: go on, 0: asleep, <0: the end. */
static ssize_t step(struct stream *stream)
{
	if (stream->until_ns && now_of(stream) >= stream->until_ns)
		return HTTP_READ_END;
	switch (stream->stage) {
	case STAGE_NEXT:
		return next_segment(stream);
	case STAGE_WAIT:
		return waited(stream);
	case STAGE_SLATE:
		return begin_slate(stream);
	case STAGE_SEND:
		break;
	}
	segment_source_close(&stream->source);
	stream->seq++;
	stream->stage = STAGE_NEXT;
	return 1;
}

static ssize_t send_stream(struct http_request *req, uint64_t pos, char *to, size_t max)
{
	struct stream *stream = req->state;
	ssize_t n;

	(void)pos;
	do {
		if (stream->stage == STAGE_SEND) {
			n = segment_source_read(&stream->source, stream->sent, to, max);
			if (n > 0) {
				stream->sent += n;
				return n;
			}
			if (n < 0)
				lost_it(stream);
		}
		n = step(stream);
	} while (n > 0);
	return n;
}

int channel_ts_get(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	struct on_air_segment segment;
	struct channel channel;
	struct stream *stream;
	struct db *db;
	int64_t seq, seconds;
	int rc = channel_find(req, &channel, &db, err);

	if (rc < 0 || (rc = http_param_int(req, "duration", 0, DURATION_MAX, 0, &seconds, err)) < 0)
		return rc;
	rc = on_air_edge(db, &channel, station_now_ns(server->time), &req->arena, &seq, err);
	if (rc < 0)
		return rc == -ERR_NOT_FOUND ? channel_not_yet(&channel, err) : rc;
	for (int i = 1; i < BURST_SEGMENTS; i++)
		if (on_air_segment(db, &channel, seq - 1, &req->arena, &segment, NULL) >= 0)
			seq--;
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		abort();
	stream->req = req;
	stream->server = server;
	stream->channel_id = channel.id;
	stream->generation = channel.generation;
	stream->seq = seq;
	stream->client = http_client(req);
	stream->source = SEGMENT_SOURCE_NONE;
	stream->lead_ms = -1;
	stream->asleep_ns = clock_asleep_ns();
	stream->until_ns = seconds ? now_of(stream) + seconds * CLOCK_SECOND : 0;
	req->state = stream;
	req->state_free = stream_free;
	http_set_timeout(req, STALL_SECONDS);
	http_answer_reader(req, 200, "video/mp2t", -1, STREAM_BLOCK, send_stream);
	http_header(req, "Cache-Control", "no-store");
	return 0;
}
