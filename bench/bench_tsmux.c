/* bench_tsmux.c - what the muxer costs: bytes over the elementary streams, and over the same packets without
 * padding and repeated tables; and its speed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "stream/plan.h"
#include "stream/tsmux.h"

static const struct {
	const char *name;
	int video_kbps, audio_kbps;
} rows[] = {
	{ "480p", 900, 128 },
	{ "720p", 2200, 160 },
	{ "720p at its peak", 4500, 160 },
	{ "1080p", 4500, 192 },
	{ "1080p at its peak", 9000, 192 },
	{ "slate and silence", 60, 3 },
};

static uint32_t next_random(void)
{
	static _Thread_local uint32_t s = 2463534242U;

	s ^= s << 13;
	s ^= s >> 17;
	s ^= s << 5;
	return s;
}

/* A key picture takes a sixth of a segment's bytes, the rest vary by half. */
static void frames(struct tsmux_frame *video, struct tsmux_frame *audio, const uint8_t *bytes, size_t row)
{
	size_t total = (size_t)rows[row].video_kbps * 250, sound = (size_t)rows[row].audio_kbps * 128 / 48;

	for (int i = 0; i < 50; i++) {
		size_t about = i ? total * 5 / 6 / 49 : total / 6;

		video[i] = (struct tsmux_frame) { bytes, about / 2 + next_random() % (about + 1) + 7,
						  (i + 2) * 3600, (i - 1) * 3600, i == 0 };
	}
	for (int i = 0; i < 94; i++)
		audio[i] =
			(struct tsmux_frame) { bytes, sound - sound / 20 + next_random() % (sound / 10 + 1),
					       i * 1920, i * 1920, false };
}

static size_t sum(const struct tsmux_frame *f, size_t count, size_t header, size_t *packets)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++) {
		bytes += f[i].len;
		*packets += (f[i].len + header + 183) / 184;
	}
	return bytes;
}

int main(void)
{
	CLEANUP(cleanup_free) uint8_t *bytes = calloc(1, 4000000);
	struct tsmux_frame video[50], audio[94];
	const struct tsmux_segment segment = { video, 50, audio, 94, 100 * 1920 * 15 / 16 + 3600 * 3, 0, false, false, 0 };
	const int rounds = 200;

	if (!bytes)
		abort();
	memcpy(bytes, "\0\0\0\1\x09\xF0", 6);
	for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
		size_t elementary = 0, bare = 0, made = 0;
		int64_t spent = 0;
		CLEANUP(buf_free) struct buf ts = { 0 };

		for (int i = 0; i < rounds; i++) {
			struct err err = { 0 };
			int64_t from;

			frames(video, audio, bytes, r);
			bare += 2; /* PAT and PMT once */
			elementary += sum(video, 50, 19 + 8, &bare) + sum(audio, 94, 14 + 7, &bare);
			buf_reset(&ts);
			from = clock_boot_ns();
			if (tsmux_write(&ts, &segment, &err) < 0) {
				fprintf(stderr, "%s\n", err.text);
				return 1;
			}
			spent += clock_boot_ns() - from;
			made += ts.len;
		}
		printf("tsmux %-18s %5.2f %% over elementary, %5.2f %% over bare TS, %4.0f us a segment, "
		       "%.2f GB/s\n",
		       rows[r].name, 100.0 * (double)made / (double)elementary - 100,
		       100.0 * (double)made / (double)(bare * 188) - 100, (double)spent / rounds / 1000,
		       (double)made / (double)spent);
	}
	return 0;
}
