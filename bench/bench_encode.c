/* bench_encode.c - encodes a whole file as a worker does: every segment of it, in this process, into one
 * stream.
 *
 *     bench_encode FILE TO.ts [PROFILE [FPS]]
 *
 * Prints segments, bytes and wall seconds. bench/run.py measures its CPU beside the `ffmpeg` command's. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/memory.h"
#include "media/probe.h"
#include "stream/encode.h"

struct sink {
	FILE *to;
	int64_t bytes;
};

static bool wanted(void *context, int64_t k)
{
	(void)context;
	(void)k;
	return true;
}

static int keep(void *context, int64_t k, const void *data, size_t len, struct err *err)
{
	struct sink *sink = context;

	(void)k;
	sink->bytes += (int64_t)len;
	if (fwrite(data, 1, len, sink->to) != len)
		return err_errno(err, "write a segment");
	return 0;
}

static int encode_file(const char *path, const char *profile, int fps, FILE *to, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct sink context = { to, 0 };
	struct encode_sink sink = { &context, wanted, keep };
	struct encode_result result;
	struct clip clip = { .path = path, .file_id = 1 };
	struct probe probe;
	int64_t start = clock_boot_ns();

	memory_busy(); /* as workers have it */
	if (probe_file(path, &arena, &probe, err) < 0 || profile_get(profile, fps, 1, &clip.profile, err) < 0)
		return -1;
	clip.frames = plan_frames(probe.duration_flicks, clip_rate(&clip));
	if (encode_clip(&clip, 0, plan_segments(clip.frames, clip_rate(&clip)), &sink, &result, err) < 0)
		return -1;
	printf("%lld %lld %.3f\n", (long long)result.segments, (long long)context.bytes,
	       (double)(clock_boot_ns() - start) / (double)CLOCK_SECOND);
	return 0;
}

int main(int argc, char **argv)
{
	struct err err = { 0 };
	FILE *to;

	if (argc < 3) {
		fputs("usage: bench_encode FILE TO.ts [PROFILE [FPS]]\n", stderr);
		return 2;
	}
	to = fopen(argv[2], "wbe");
	if (!to) {
		perror(argv[2]);
		return 1;
	}
	if (encode_file(argv[1], argc > 3 ? argv[3] : "720p", argc > 4 ? atoi(argv[4]) : 25, to, &err) < 0)
		fprintf(stderr, "bench_encode: %s\n", err.text);
	return fclose(to) || err.code ? 1 : 0;
}
