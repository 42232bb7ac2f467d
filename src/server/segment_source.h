/* segment_source.h - the bytes of one segment as a channel sends them: a file of the cache or slate from
 * memory, with the channel's clock added block by block. The caller knows the segment (station/on_air.h) and
 * waits for it (channel_*.c). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "station/on_air.h"

struct server;

struct segment_source {
	int fd; /* -1: memory */
	struct buf memory;
	int64_t length;
	uint64_t stamp;
	bool open, stands_in; /* slate in the place of something else */
	bool failed;	      /* its file could not be read */
};

#define SEGMENT_SOURCE_NONE ((struct segment_source) { .fd = -1 })
#define SEGMENT_TAG_SIZE 128

/* From the cache; false when it is not there. Never for slate rows. */
bool segment_source_cached(struct server *server, const struct on_air_segment *segment,
			   struct segment_source *ret);

/* Of a file that has gone, what is cached is shown still: then it is no slate. */
void segment_source_revive(struct server *server, struct on_air_segment *segment);
bool segment_source_has(void *server, const char *key, int64_t k); /* an on_air_has */

/* Slate, or the card that is on, for the same frames. Never blocks: fails while it is being made; ask again a
 * little later. */
int segment_source_slate(struct server *server, const struct on_air_segment *segment,
			 struct segment_source *ret, struct err *err);

/* Bytes from `pos`, at most max; >0, 0 at the end, <0 when reading failed. Whole packets where that is
 * possible. */
ssize_t segment_source_read(struct segment_source *source, int64_t pos, char *to, size_t max);

/* After a failed read: its file does not count any more, so that the segment is made anew. */
void segment_source_spoilt(struct server *server, const struct on_air_segment *segment,
			   const struct segment_source *source);

void segment_source_close(struct segment_source *source); /* may be closed already */

/* It is being sent: counted for /metrics. */
void segment_source_count(struct server *server, const struct on_air_segment *segment,
			  const struct segment_source *source);

/* A strong entity tag, with quotes: same tag, same bytes. */
void segment_source_tag(struct server *server, const struct on_air_segment *segment, char to[SEGMENT_TAG_SIZE]);

/* Station time of a position on a channel. */
int64_t segment_station_ns(const struct channel *channel, int64_t flicks);
