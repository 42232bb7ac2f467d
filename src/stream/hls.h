/* hls.h - media playlists as RFC 8216 wants them. Knows segments, no schedule and no HTTP. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct hls_segment {
	int64_t sequence;
	int64_t duration_flicks;
	int64_t wall_ms;	/* EXT-X-PROGRAM-DATE-TIME */
	bool discontinuity;	/* before it (copy channels) */
};

struct hls_playlist {
	const char *base; /* put before "<sequence>.ts": "/channel/1/s/189302400/" */
	int64_t discontinuity_sequence; /* 0: the tag is left out */
	int target;	  /* EXT-X-TARGETDURATION in s; 0: PLAN_TARGET_SECONDS */
	bool leaning;	  /* a segment may need the one before it: no INDEPENDENT-SEGMENTS */
	bool ended;	  /* EXT-X-ENDLIST, and TYPE VOD */
	bool growing;	  /* TYPE EVENT, played from its start: nothing leaves it, more is added at its end */
};

/* EXT-X-VERSION 6, INDEPENDENT-SEGMENTS, dates ending in Z, EXTINF to 6 places. */
void hls_write(struct buf *to, const struct hls_playlist *playlist, const struct hls_segment *segments, size_t count);
