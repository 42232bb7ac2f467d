/* channel_stream.c - HLS: playlists and segments. Computed for each request from the rows and the clock; what
 * a segment request may wait for is its encoding, at most 6 s, then slate goes out in its place; less after one that
 * was late. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "server/channel_find.h"
#include "server/handlers.h"
#include "server/on_demand.h"
#include "server/parts.h"
#include "server/past_watch.h"
#include "server/range.h"
#include "server/segment_memory.h"
#include "server/segment_source.h"
#include "station/on_air.h"
#include "station/override.h"

#define PLAYLIST_TYPE "application/vnd.apple.mpegurl"
#define SEGMENT_BLOCK ((size_t)188 * 512) /* 94 KiB */
#define SEGMENT_CACHING "max-age=60"
#define SEGMENT_WAIT_MS 6000
#define LATE_WAIT_MS 1500 /* after one that was late: less than a segment, or players starve one wait after the other */
#define PAST_NS (90 * CLOCK_SECOND)	  /* older than this is catch-up: on_demand looks after the rest */
#define PAST_AHEAD_NS (30 * CLOCK_SECOND) /* kept ready before a viewer of the past */
#define SLATE_RETRY_MS 300
#define READ_RETRY_MS 200 /* it is there and cannot be opened for the moment, or was lost meanwhile */
#define READ_TRIES 10
#define COPY_BANDWIDTH 20000000 /* said of what is copied: nobody chooses by it */

/* ---- playlists ---- */

int channel_playlist_get(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	struct db *db;
	struct channel channel;
	struct buf text = { 0 };
	int64_t began_ns = clock_boot_ns();
	int rc = channel_find(req, &channel, &db, err);

	if (rc < 0)
		return rc;
	rc = on_air_playlist(db, &channel, server->time, station_now_ns(server->time), &req->arena, &text,
			     err);
	if (rc < 0) {
		buf_free(&text);
		return rc == -ERR_NOT_FOUND ? channel_not_yet(&channel, err) : rc;
	}
	on_demand_asked(server->on_demand, &channel, http_client(req), -1, false);
	http_answer_buf(req, 200, PLAYLIST_TYPE, &text);
	http_header(req, "Cache-Control", "no-cache, max-age=1");
	counters_add(&server->counters.playlists, 1);
	counters_add(&server->counters.playlist_ns, (uint64_t)(clock_boot_ns() - began_ns));
	return 0;
}

int channel_shift_get(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	struct db *db;
	struct channel channel;
	struct buf text = { 0 };
	int64_t now_ns = station_now_ns(server->time);
	int rc = channel_find(req, &channel, &db, err);

	if (rc < 0)
		return rc;
	if (req->param[1] > now_ns / CLOCK_SECOND)
		return err_set(err, ERR_NOT_FOUND, "channel %d was not on the air at that time", channel.number);
	rc = on_air_playlist(db, &channel, server->time, now_ns - req->param[1] * CLOCK_SECOND, &req->arena, &text, err);
	if (rc < 0) {
		buf_free(&text);
		if (rc != -(int)ERR_NOT_FOUND)
			return rc;
		err_clear(err);
		return err_set(err, ERR_NOT_FOUND, "channel %d was not on the air at that time", channel.number);
	}
	http_answer_buf(req, 200, PLAYLIST_TYPE, &text);
	http_header(req, "Cache-Control", "no-cache, max-age=1");
	return 0;
}

static int answer_past(struct http_request *req, int64_t until_s, struct err *err)
{
	struct server *server = req->server;
	struct db *db;
	struct channel channel;
	struct buf text = { 0 };
	int64_t from_ns, until_ns = INT64_MAX;
	int rc = channel_find(req, &channel, &db, err);

	if (rc < 0)
		return rc;
	if (req->param[1] > INT64_MAX / CLOCK_SECOND)
		return err_set(err, ERR_NOT_FOUND, "channel %d has not come to that time yet", channel.number);
	from_ns = station_from_wall_ms(server->time, req->param[1] * 1000);
	if (until_s <= INT64_MAX / CLOCK_SECOND)
		until_ns = station_from_wall_ms(server->time, until_s * 1000);
	rc = on_air_past(db, &channel, server->time, from_ns, until_ns, station_now_ns(server->time), segment_source_has, server,
			 &req->arena, &text, err);
	if (rc < 0) {
		buf_free(&text);
		return rc;
	}
	http_answer_buf(req, 200, PLAYLIST_TYPE, &text);
	http_header(req, "Cache-Control", "no-cache, max-age=1");
	return 0;
}

int channel_from_get(struct http_request *req, struct err *err)
{
	return answer_past(req, INT64_MAX, err);
}

/* What has passed whole has an end: many players begin a list that still grows at its end. */
int channel_from_to_get(struct http_request *req, struct err *err)
{
	return answer_past(req, req->param[2], err);
}

/* RFC 6381 name of what the encoder makes: High profile, at the level that holds size and rate (H.264 table
 * */
static const char *codecs(const struct profile *profile)
{
	int blocks = (profile->width + 15) / 16 * ((profile->height + 15) / 16);
	int64_t rate = (int64_t)blocks * profile->fps_num / (profile->fps_den ? profile->fps_den : 1);

	if (profile_is_hevc(profile)) /* Main, at the level that x265 takes (H.265 table A.8) */
		return profile->height > 720 ? (rate > 245760 ? "hvc1.1.6.L123.B0,mp4a.40.2" : "hvc1.1.6.L120.B0,mp4a.40.2") :
					       (rate > 108000 ? "hvc1.1.6.L120.B0,mp4a.40.2" : "hvc1.1.6.L93.B0,mp4a.40.2");
	if (blocks <= 1620 && rate <= 40500)
		return "avc1.64001e,mp4a.40.2"; /* 3 */
	if (blocks <= 3600 && rate <= 108000)
		return "avc1.64001f,mp4a.40.2"; /* 3.1 */
	if (blocks <= 5120 && rate <= 216000)
		return "avc1.640020,mp4a.40.2"; /* 3.2 */
	if (blocks <= 8192 && rate <= 245760)
		return "avc1.640028,mp4a.40.2"; /* 4 */
	return "avc1.64002a,mp4a.40.2";		/* 4.2 */
}

static void write_master(struct buf *to, const struct channel *channel, const struct profile *profile)
{
	buf_addf(to, "#EXTM3U\n#EXT-X-VERSION:6\n%s#EXT-X-STREAM-INF:BANDWIDTH=",
		 profile_leans(channel->profile) ? "" : "#EXT-X-INDEPENDENT-SEGMENTS\n");
	if (on_air_copies(channel)) /* whatever its files are, one after the other */
		buf_addf(to, "%d", COPY_BANDWIDTH);
	else
		buf_addf(to, "%d,CODECS=\"%s\",RESOLUTION=%dx%d,FRAME-RATE=%.3f",
			 (profile->maxrate_kbps + profile->audio_kbps) * 1050, codecs(profile), profile->width,
			 profile->height, (double)profile->fps_num / profile->fps_den);
	buf_addf(to, "\n/channel/%d.m3u8\n", channel->number);
}

int channel_master_get(struct http_request *req, struct err *err)
{
	struct db *db;
	struct channel channel;
	struct profile profile;
	struct buf text = { 0 };
	int rc = channel_find(req, &channel, &db, err);

	if (rc < 0)
		return rc;
	if (!channel.fps_num)
		return channel_not_yet(&channel, err);
	rc = profile_get(channel.profile, channel.fps_num, channel.fps_den, &profile, err);
	if (rc < 0)
		return rc;
	write_master(&text, &channel, &profile);
	http_answer_buf(req, 200, PLAYLIST_TYPE, &text);
	http_header(req, "Cache-Control", "no-cache");
	return 0;
}

/* ---- segments ---- */

struct delivery {
	struct server *server;
	int64_t channel_id;
	bool live; /* not of the past */
	struct on_air_segment segment;
	struct segment_source source;
	struct range range;
	uint64_t wait_id;
	bool ended; /* the wait */
	int rc;
	int slate_tries, read_tries;
};

static void delivery_free(void *state)
{
	struct delivery *delivery = state;

	if (delivery->wait_id)
		producer_forget(delivery->server->producer, delivery->wait_id);
	segment_source_close(&delivery->source);
	free(delivery);
}

static ssize_t send_segment(struct http_request *req, uint64_t pos, char *to, size_t max)
{
	struct delivery *delivery = req->state;
	ssize_t n = segment_source_read(&delivery->source, delivery->range.first + (int64_t)pos, to, max);

	if (n < 0)
		segment_source_spoilt(delivery->server, &delivery->segment, &delivery->source);
	return n > 0 ? n : HTTP_READ_FAILED;
}

static void caching(struct http_request *req, const struct delivery *delivery, const char *tag)
{
	if (delivery->source.stands_in) {
		http_header(req, "Cache-Control", "no-store");
		return;
	}
	http_header(req, "Cache-Control", SEGMENT_CACHING);
	http_header(req, "ETag", "%s", tag);
	http_header(req, "Accept-Ranges", "bytes");
}

static int answer_source(struct http_request *req, struct delivery *delivery)
{
	const char *condition = http_in_header(req, "If-Range");
	const char *header = http_in_header(req, "Range");
	char tag[SEGMENT_TAG_SIZE];
	unsigned status = 200;

	segment_source_tag(delivery->server, &delivery->segment, tag);
	if (delivery->source.stands_in || (condition && strcmp(condition, tag) != 0))
		header = NULL;
	delivery->range = range_parse(header, delivery->source.length);
	if (delivery->range.kind == RANGE_UNSATISFIABLE) {
		http_answer_empty(req, 416);
		http_header(req, "Content-Range", "bytes */%lld", (long long)delivery->source.length);
		return 0;
	}
	if (delivery->range.kind == RANGE_PART)
		status = 206;
	http_answer_reader(req, status, "video/mp2t", delivery->range.length, SEGMENT_BLOCK, send_segment);
	segment_source_count(delivery->server, &delivery->segment, &delivery->source);
	if (status == 206)
		http_header(req, "Content-Range", "bytes %lld-%lld/%lld", (long long)delivery->range.first,
			    (long long)(delivery->range.first + delivery->range.length - 1),
			    (long long)delivery->source.length);
	caching(req, delivery, tag);
	return 0;
}

/* The whole segment to a viewer of many: from memory, where the next one finds it. */
static bool answer_shared(struct http_request *req, struct delivery *delivery, const char *tag)
{
	const struct on_air_segment *segment = &delivery->segment;
	struct server *server = req->server;

	if (segment->slate || http_in_header(req, "Range"))
		return false;
	if (clip_cache_touch(server->cache, segment->clip.key, segment->k) &&
	    segment_memory_answer(server->memory, req, tag))
		return true;
	if (!segment_source_cached(server, segment, &delivery->source))
		return false;
	if (!segment_memory_take(server->memory, req, tag, &delivery->source, SEGMENT_CACHING)) {
		if (delivery->source.failed) {
			segment_source_spoilt(server, segment, &delivery->source);
			segment_source_close(&delivery->source);
		}
		return false;
	}
	segment_source_close(&delivery->source);
	return true;
}

/* The slate itself may have to be made first: it is asked for again until it is there. No thread waits. */
static int answer_slate(struct http_request *req, struct err *err)
{
	struct delivery *delivery = req->state;
	struct err cause = { 0 };
	int rc = segment_source_slate(req->server, &delivery->segment, &delivery->source, &cause);

	if (rc >= 0) {
		if (delivery->live && delivery->source.stands_in)
			on_demand_late(req->server->on_demand, delivery->channel_id, delivery->segment.seq);
		return answer_source(req, delivery);
	}
	if (++delivery->slate_tries > SEGMENT_WAIT_MS / SLATE_RETRY_MS)
		return err_set(err, ERR_BUSY, "segment %lld: %s", (long long)delivery->segment.seq,
			       cause.text);
	rc = http_suspend(req, SLATE_RETRY_MS, err);
	req->again = answer_slate;
	return rc;
}

static int wait_for_segment(struct http_request *req, struct delivery *delivery, struct err *err);

static int after_wait(struct http_request *req, struct err *err)
{
	struct delivery *delivery = req->state;
	const struct on_air_segment *segment = &delivery->segment;
	bool there = delivery->ended && delivery->rc >= 0;

	if (there && segment_source_cached(req->server, segment, &delivery->source))
		return answer_source(req, delivery);
	if (there && delivery->read_tries++ < READ_TRIES) {
		int rc;

		if (!clip_cache_has(req->server->cache, segment->clip.key, segment->k))
			return wait_for_segment(req, delivery, err);
		rc = http_suspend(req, READ_RETRY_MS, err);
		req->again = after_wait;
		return rc;
	}
	counters_add(&req->server->counters.late, 1);
	return answer_slate(req, err);
}

static void segment_ready(void *context, int rc)
{
	struct http_request *req = context;
	struct delivery *delivery = req->state;

	delivery->rc = rc;
	delivery->ended = true;
	http_resume(req);
}

/* The timer is a second net below the producer's own time-out. */
static int wait_for_segment(struct http_request *req, struct delivery *delivery, struct err *err)
{
	struct server *server = req->server;
	bool late = delivery->live && on_demand_was_late(server->on_demand, delivery->channel_id, delivery->segment.seq);
	int64_t wait_ms = late ? LATE_WAIT_MS : SEGMENT_WAIT_MS;
	int rc = http_suspend(req, wait_ms + 500, err);

	if (rc < 0)
		return rc;
	counters_add(&server->counters.waited, 1);
	producer_forget(server->producer, delivery->wait_id); /* the one before */
	delivery->wait_id = 0;
	delivery->ended = false;
	req->again = after_wait;
	delivery->wait_id = (delivery->live ? producer_wait : producer_wait_past)(
		server->producer, &delivery->segment.clip, delivery->segment.k, wait_ms, segment_ready, req);
	return HTTP_LATER;
}

static int find_segment(struct http_request *req, struct channel *channel, struct on_air_segment *ret,
			struct err *err)
{
	struct db *db;
	int rc = channel_find(req, channel, &db, err);

	if (rc < 0)
		return rc;
	if (channel->generation != req->param[1])
		return err_set(err, ERR_NOT_FOUND, "channel %d has no segments of generation %lld",
			       channel->number, (long long)req->param[1]);
	rc = on_air_segment(db, channel, req->param[2], &req->arena, ret, err);
	if (rc < 0)
		return rc;
	segment_source_revive(req->server, ret);
	if (segment_station_ns(channel, ret->start_flicks) > station_now_ns(req->server->time) + OVERRIDE_SERVE_AHEAD_NS)
		return err_set(err, ERR_NOT_FOUND, "segment %lld of channel %d is not on the air yet",
			       (long long)ret->seq, channel->number);
	return 0;
}

/* A viewer of the past moves through it at his own pace: what he will ask for next is wished for from here. */
static void want_past(struct http_request *req, const struct channel *channel, const struct on_air_segment *at)
{
	int64_t from_ns = segment_station_ns(channel, at->start_flicks);
	struct db *db = store_reader(req->server->store, NULL);
	struct on_air_segments list;

	past_watch_note(req->server->past_watch, channel->id, http_client(req), from_ns,
			station_now_ns(req->server->time));
	if (db && on_air_window(db, channel, from_ns, from_ns + PAST_AHEAD_NS, &req->arena, &list, NULL) >= 0)
		on_demand_want(req->server, &list, PRODUCER_PAST, 0);
}

int channel_segment_get(struct http_request *req, struct err *err)
{
	struct server *server = req->server;
	struct delivery *delivery = calloc(1, sizeof(*delivery));
	struct channel channel;
	char tag[SEGMENT_TAG_SIZE];
	bool shared, cached;
	int rc;

	if (!delivery)
		abort();
	delivery->server = server;
	delivery->source = SEGMENT_SOURCE_NONE;
	req->state = delivery;
	req->state_free = delivery_free;
	rc = find_segment(req, &channel, &delivery->segment, err);
	if (rc < 0)
		return rc;
	segment_source_tag(delivery->server, &delivery->segment, tag);
	if (http_not_modified(req, tag)) {
		on_demand_asked(server->on_demand, &channel, http_client(req), delivery->segment.seq, false);
		http_answer_empty(req, 304);
		caching(req, delivery, tag);
		return 0;
	}
	shared = answer_shared(req, delivery, tag);
	cached = shared || delivery->source.open;
	if (!cached && !delivery->segment.slate)
		cached = segment_source_cached(server, &delivery->segment, &delivery->source);
	if (station_now_ns(server->time) - segment_station_ns(&channel, delivery->segment.start_flicks) > PAST_NS) {
		on_demand_past(server->on_demand, &channel, http_client(req));
		want_past(req, &channel, &delivery->segment);
	} else {
		delivery->live = true;
		delivery->channel_id = channel.id;
		on_demand_asked(server->on_demand, &channel, http_client(req), delivery->segment.seq,
				!cached && !delivery->segment.slate);
	}
	if (shared) {
		segment_source_count(server, &delivery->segment, &delivery->source);
		return 0;
	}
	if (cached)
		return answer_source(req, delivery);
	if (delivery->segment.slate)
		return answer_slate(req, err);
	return wait_for_segment(req, delivery, err);
}
