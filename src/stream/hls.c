/* hls.c - see hls.h. RFC 8216, 4.3. Written digit by digit: a playlist is asked for every two seconds by
 * everyone. */
#include "stream/hls.h"

#include <inttypes.h>
#include <string.h>

#include "stream/plan.h"

#define LINE_MAX_BYTES 160 /* of a segment's lines, without base */

static char *put(char *to, const char *text)
{
	size_t len = strlen(text);

	memcpy(to, text, len);
	return to + len;
}

static char *put_digits(char *to, uint64_t value, int digits)
{
	for (int i = digits - 1; i >= 0; i--, value /= 10)
		to[i] = (char)('0' + value % 10);
	return to + digits;
}

static char *put_number(char *to, int64_t value)
{
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	int digits = 1;

	if (value < 0)
		*to++ = '-';
	for (uint64_t n = left; n >= 10; n /= 10)
		digits++;
	return put_digits(to, left, digits);
}

/* "2026-11-21T20:30:05.123Z". Days to a date in the proleptic Gregorian calendar: Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms", civil_from_days. Outside 0001 to 9999 the nearest of them.
 */
static char *put_date(char *to, int64_t ms)
{
	const int64_t least = INT64_C(-62135596800000), most = INT64_C(253402300799999);
	int64_t t = ms < least ? least : ms > most ? most : ms;
	int64_t days = t / 86400000 - (t % 86400000 < 0), rest = t - days * 86400000;
	int64_t z = days + 719468, era = z / 146097; /* z > 0 in our range */
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;

	to = put_digits(to, (uint64_t)(yoe + era * 400 + (month <= 2)), 4);
	*to++ = '-';
	to = put_digits(to, (uint64_t)month, 2);
	*to++ = '-';
	to = put_digits(to, (uint64_t)(doy - (153 * mp + 2) / 5 + 1), 2);
	*to++ = 'T';
	to = put_digits(to, (uint64_t)(rest / 3600000), 2);
	*to++ = ':';
	to = put_digits(to, (uint64_t)(rest / 60000 % 60), 2);
	*to++ = ':';
	to = put_digits(to, (uint64_t)(rest / 1000 % 60), 2);
	*to++ = '.';
	to = put_digits(to, (uint64_t)(rest % 1000), 3);
	*to++ = 'Z';
	return to;
}

static char *put_duration(char *to, int64_t flicks)
{
	int64_t us = flicks <= 0 ? 0
				 : flicks / PLAN_FLICKS * 1000000 +
					   (flicks % PLAN_FLICKS * 1000000 + PLAN_FLICKS / 2) / PLAN_FLICKS;

	to = put_number(to, us / 1000000);
	*to++ = '.';
	return put_digits(to, (uint64_t)(us % 1000000), 6);
}

static void write_head(struct buf *to, const struct hls_playlist *playlist, int64_t sequence)
{
	char head[256], *at = head;

	at = put(at, "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:");
	at = put_number(at, playlist->target ? playlist->target : PLAN_TARGET_SECONDS);
	at = put(at, "\n#EXT-X-MEDIA-SEQUENCE:");
	at = put_number(at, sequence);
	if (playlist->discontinuity_sequence) {
		at = put(at, "\n#EXT-X-DISCONTINUITY-SEQUENCE:");
		at = put_number(at, playlist->discontinuity_sequence);
	}
	if (playlist->ended)
		at = put(at, "\n#EXT-X-PLAYLIST-TYPE:VOD");
	else if (playlist->growing)
		at = put(at, "\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-START:TIME-OFFSET=0,PRECISE=YES");
	at = put(at, playlist->leaning ? "\n" : "\n#EXT-X-INDEPENDENT-SEGMENTS\n");
	buf_add(to, head, (size_t)(at - head));
}

void hls_write(struct buf *to, const struct hls_playlist *playlist, const struct hls_segment *segments,
	       size_t count)
{
	const char *base = playlist->base ? playlist->base : "";
	size_t base_len = strlen(base);

	write_head(to, playlist, count ? segments[0].sequence : 0);
	for (size_t i = 0; i < count; i++) {
		const struct hls_segment *s = &segments[i];
		char *from = buf_reserve(to, base_len + LINE_MAX_BYTES), *at = from;

		if (!from)
			return;
		if (s->discontinuity)
			at = put(at, "#EXT-X-DISCONTINUITY\n");
		at = put(at, "#EXT-X-PROGRAM-DATE-TIME:");
		at = put_date(at, s->wall_ms);
		at = put(at, "\n#EXTINF:");
		at = put_duration(at, s->duration_flicks);
		at = put(at, ",\n");
		memcpy(at, base, base_len);
		at = put_number(at + base_len, s->sequence);
		at = put(at, ".ts\n");
		to->len += (size_t)(at - from);
		to->data[to->len] = '\0';
	}
	if (playlist->ended)
		buf_adds(to, "#EXT-X-ENDLIST\n");
}
