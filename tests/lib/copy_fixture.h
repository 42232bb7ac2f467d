/* copy_fixture.h - for tests of what is copied: media of one's own, clips by their plans, segments in memory. */
#pragma once

#include "lib/testlib.h"
#include "base/buf.h"
#include "stream/copy_plan.h"
#include "stream/encode.h"

#define COPY_FIXTURE_SEGMENTS 16

struct copy_fixture_result {
	struct buf segment[COPY_FIXTURE_SEGMENTS];
};

/* Made by ffmpeg in the folder; a new string. */
char *copy_fixture_media(const char *dir, const char *name, const char *args);

/* The clip of `count` of the plan's segments from `from` on, in a profile that copies. */
struct clip copy_fixture_clip(const char *profile, const char *path, const struct copy_plan *plan, size_t from, size_t count);

/* Makes segments of a clip. */
void copy_fixture_run(const struct clip *clip, int64_t from, int64_t to, struct copy_fixture_result *ret);
void copy_fixture_result_free(struct copy_fixture_result *result);

/* Where a test wants to say itself what went wrong. */
struct encode_sink copy_fixture_sink(struct copy_fixture_result *ret);
