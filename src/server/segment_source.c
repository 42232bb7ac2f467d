/* segment_source.c - see segment_source.h. */
#include "server/segment_source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "server/parts.h"
#include "stream/slate.h"
#include "stream/ts_stamp.h"
#include "stream/tsmux.h"

#define SLATE_BYTES_MAX ((size_t)64 << 20)

bool segment_source_cached(struct server *server, const struct on_air_segment *segment,
			   struct segment_source *ret)
{
	int64_t length;
	int fd = clip_cache_get(server->cache, segment->clip.key, segment->k, &length, NULL);

	if (fd < 0)
		return false;
	*ret = (struct segment_source) { .fd = fd, .length = length, .stamp = segment->stamp, .open = true };
	return true;
}

bool segment_source_has(void *server, const char *key, int64_t k)
{
	return clip_cache_has(((struct server *)server)->cache, key, k);
}

void segment_source_revive(struct server *server, struct on_air_segment *segment)
{
	if (segment->slate && segment->away && clip_cache_has(server->cache, segment->clip.key, segment->k))
		segment->slate = false;
}

/* The card where there is one. One that cannot be made must not cost the segment: then it is slate. */
static int write_slate(struct server *server, const struct on_air_segment *segment, struct buf *to, bool *stands_in,
		       struct err *err)
{
	const struct profile *profile = &segment->clip.profile;
	struct err cause = { 0 };
	int rc = producer_card_write(server->producer, profile, segment->card, &segment->plan, to, &cause);

	*stands_in = !segment->slate;
	if (rc < 0 && segment->card && cause.code != ERR_TIMEOUT) {
		*stands_in = true;
		err_clear(&cause);
		buf_reset(to);
		rc = producer_card_write(server->producer, profile, NULL, &segment->plan, to, &cause);
	}
	return rc < 0 ? err_set(err, cause.code, "%s", cause.text) : 0;
}

int segment_source_slate(struct server *server, const struct on_air_segment *segment,
			 struct segment_source *ret, struct err *err)
{
	CLEANUP(buf_free) struct buf memory = BUF_MAX(SLATE_BYTES_MAX);
	bool stands_in;
	int rc = write_slate(server, segment, &memory, &stands_in, err);

	if (rc < 0)
		return rc;
	if (memory.failed)
		return err_set(err, ERR_TOO_LARGE, "a segment of slate is larger than %zu bytes",
			       SLATE_BYTES_MAX);
	*ret = (struct segment_source) { .fd = -1,
					 .length = (int64_t)memory.len,
					 .stamp = segment->stamp,
					 .open = true,
					 .stands_in = stands_in };
	ret->memory = TAKE(memory);
	return 0;
}

static ssize_t read_at(struct segment_source *source, int64_t pos, char *to, size_t len, size_t least)
{
	ssize_t n;

	if (source->fd < 0) {
		memcpy(to, source->memory.data + pos, len);
		return (ssize_t)len;
	}
	do
		n = pread(source->fd, to, len, pos);
	while (n < 0 && errno == EINTR);
	source->failed |= n < (ssize_t)least;
	return n;
}

ssize_t segment_source_read(struct segment_source *source, int64_t pos, char *to, size_t max)
{
	char packet[TSMUX_PACKET];
	int64_t start = pos - pos % TSMUX_PACKET;
	size_t skip = (size_t)(pos - start), left, n;
	ssize_t got;

	if (pos >= source->length)
		return 0;
	left = (size_t)(source->length - start);
	if (!skip && max >= TSMUX_PACKET && left >= TSMUX_PACKET) {
		n = (max < left ? max : left) / TSMUX_PACKET * TSMUX_PACKET;
		got = read_at(source, pos, to, n, TSMUX_PACKET);
		if (got < 0 || (size_t)got < TSMUX_PACKET)
			return -1;
		got -= got % TSMUX_PACKET;
		ts_stamp((uint8_t *)to, (size_t)got, source->stamp);
		return got;
	}
	/* A range that begins or ends inside a packet: that packet whole, then the part that was asked for.
	 */
	n = left < TSMUX_PACKET ? left : TSMUX_PACKET;
	if (read_at(source, start, packet, n, n) != (ssize_t)n)
		return -1;
	if (n == TSMUX_PACKET)
		ts_stamp((uint8_t *)packet, n, source->stamp);
	n -= skip;
	if (n > max)
		n = max;
	memcpy(to, packet + skip, n);
	return (ssize_t)n;
}

void segment_source_spoilt(struct server *server, const struct on_air_segment *segment,
			   const struct segment_source *source)
{
	if (!source->failed)
		return;
	log_warning("server", "segment %lld of '%s' cannot be read from the cache: it is made anew", (long long)segment->k,
		    segment->clip.path ? segment->clip.path : "");
	clip_cache_spoilt(server->cache, segment->clip.key, segment->k);
}

void segment_source_close(struct segment_source *source)
{
	cleanup_fd(&source->fd);
	buf_free(&source->memory);
	*source = SEGMENT_SOURCE_NONE;
}

void segment_source_count(struct server *server, const struct on_air_segment *segment,
			  const struct segment_source *source)
{
	struct counters *counters = &server->counters;

	counters_add(segment->slate	  ? &counters->slates :
		     source->stands_in ? &counters->stand_ins :
					 &counters->clips,
		     1);
}

void segment_source_tag(struct server *server, const struct on_air_segment *segment, char to[SEGMENT_TAG_SIZE])
{
	char over[24] = "";
	int effort = segment->slate ? 0 : clip_cache_effort(server->cache, segment->clip.key, segment->k);

	/* What stands over the clip's segment; a slate row's own key says that it is slate. */
	if (segment->card)
		snprintf(over, sizeof(over), "-%" PRIx64, slate_text_hash(segment->card));
	else if (segment->overridden && segment->slate)
		snprintf(over, sizeof(over), "-slate");
	else if (effort)
		snprintf(over, sizeof(over), "-e%d", effort);
	/* A row may begin inside a clip's segment or end before it: the frames belong to the name too. */
	snprintf(to, SEGMENT_TAG_SIZE, "\"%s-%" PRIx64 "-%" PRIx64 "-%" PRIx64 "%s\"", segment->clip.key,
		 (uint64_t)segment->k, (uint64_t)segment->plan.frames, segment->stamp, over);
}

int64_t segment_station_ns(const struct channel *channel, int64_t flicks)
{
	/* 1,000,000,000 / 705,600,000 = 625 / 441 */
	return channel->epoch_ns + (int64_t)((__int128)flicks * 625 / 441);
}
