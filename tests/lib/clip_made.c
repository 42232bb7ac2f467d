/* clip_made.c - see clip_made.h. */
#include "lib/clip_made.h"

#include "lib/testlib.h"
#include "stream/encode.h"

static bool wanted(void *context, int64_t k)
{
	(void)context;
	return k < CLIP_MADE_MAX;
}

static int keep(void *context, int64_t k, const void *data, size_t len, struct err *err)
{
	struct clip_made *made = context;

	(void)err;
	buf_add(&made->segment[k], data, len);
	return 0;
}

int clip_made_try(const struct clip *clip, int64_t from, int64_t to, struct clip_made *ret, struct err *err)
{
	struct encode_sink sink = { ret, wanted, keep };
	struct encode_result result;
	int rc = encode_clip(clip, from, to, &sink, &result, err);

	return rc < 0 ? rc : (int)result.segments;
}

void clip_made_run(const struct clip *clip, int64_t from, int64_t to, struct clip_made *ret)
{
	struct err err = { 0 };
	int made = clip_made_try(clip, from, to, ret, &err);

	test_ok(made, &err);
	assert_int_equal(made, to - from);
}

void clip_made_free(struct clip_made *made)
{
	for (int i = 0; i < CLIP_MADE_MAX; i++)
		buf_free(&made->segment[i]);
}

struct clip clip_made_copied(const char *profile, const char *path, const struct copy_plan *plan, size_t from, size_t count)
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
