/* copy_fixture.c - see copy_fixture.h. */
#include "lib/copy_fixture.h"

#include <stdio.h>

char *copy_fixture_media(const char *dir, const char *name, const char *args)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
	test_media(path, args);
	return path;
}

struct clip copy_fixture_clip(const char *profile, const char *path, const struct copy_plan *plan, size_t from, size_t count)
{
	struct clip clip = { .path = path, .file_id = 1, .gain_mb = 100 };
	struct lengths rest = { plan->lengths.list + from, count };
	struct err err = { 0 };

	test_ok(profile_get(profile, PROFILE_COPY_RATE, 1, &clip.profile, &err), &err);
	clip.in_flicks = lengths_sum(&plan->lengths, from) * PLAN_TICK;
	clip.frames = lengths_sum(&rest, count);
	clip.lengths = rest;
	clip_set_key(&clip, "x");
	return clip;
}

static bool wanted(void *context, int64_t k)
{
	(void)context;
	return k < COPY_FIXTURE_SEGMENTS;
}

static int keep(void *context, int64_t k, const void *data, size_t len, struct err *err)
{
	struct copy_fixture_result *r = context;

	(void)err;
	buf_add(&r->segment[k], data, len);
	return 0;
}

struct encode_sink copy_fixture_sink(struct copy_fixture_result *ret)
{
	return (struct encode_sink){ ret, wanted, keep };
}

void copy_fixture_run(const struct clip *clip, int64_t from, int64_t to, struct copy_fixture_result *ret)
{
	struct encode_sink sink = copy_fixture_sink(ret);
	struct encode_result result;
	struct err err = { 0 };

	test_ok(encode_clip(clip, from, to, &sink, &result, &err), &err);
	assert_int_equal(result.segments, to - from);
}

void copy_fixture_result_free(struct copy_fixture_result *result)
{
	for (int i = 0; i < COPY_FIXTURE_SEGMENTS; i++)
		buf_free(&result->segment[i]);
}
