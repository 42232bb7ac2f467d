/* test_encode_job.c - the job through a real worker process: segments in the cache, reports, where it stops. */
#include "lib/testlib.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jobs/worker_name.h"
#include "stream/clip_cache.h"
#include "stream/encode.h"

static char *dir, *path;

struct outcome {
	int64_t segments, first, last, held; /* reported */
	char why[200];
	json_t *done;
	struct err err;
	enum worker_event end;
};

static struct clip make_clip(void)
{
	struct clip clip = { .path = path, .file_id = 1 };
	struct err err = { 0 };

	test_ok(profile_get("480p", 25, 1, &clip.profile, &err), &err);
	clip.frames = 150;
	clip_set_key(&clip, "test");
	return clip;
}

static json_t *request_for(const struct clip *clip, int64_t from, int64_t to)
{
	return json_pack("{s:s, s:o, s:I, s:I, s:o}", "job", "encode", "clip", clip_to_json(clip), "from", (json_int_t)from,
			 "to", (json_int_t)to, "cache", json_from_path(dir));
}

static void note(struct outcome *o, const struct worker *worker, json_t *report)
{
	int64_t k = json_int(report, "k", -1);

	assert_false(worker_only_looks(worker_pid(worker))); /* what it has open is not to be taken away */
	assert_string_equal(json_text(report, "event", ""), "segment");
	assert_true(json_int(report, "bytes", 0) > 1000);
	o->held += json_int(report, "memory", -1) >= 0;
	snprintf(o->why, sizeof(o->why), "%s", json_text(report, "why", ""));
	o->first = o->segments++ ? o->first : k;
	o->last = k;
	json_decref(report);
}

static struct outcome run(json_t *request /* stolen */)
{
	struct worker_limits limits = { .program = getenv("MATINEE") };
	struct outcome o = { .first = -1, .last = -1 };
	struct worker *worker = worker_start(&limits, &o.err);
	json_t *message = NULL;

	test_ok(worker ? 0 : -1, &o.err);
	test_ok(worker_send(worker, request, &o.err), &o.err);
	json_decref(request);
	do {
		struct pollfd fd = { worker_fd(worker), POLLIN, 0 };

		o.end = worker_receive(worker, &message, &o.err);
		if (o.end == WORKER_NOTHING)
			poll(&fd, 1, 100);
		else if (o.end == WORKER_REPORT)
			note(&o, worker, message);
	} while (o.end == WORKER_NOTHING || o.end == WORKER_REPORT);
	o.done = o.end == WORKER_DONE ? message : NULL;
	worker_free(worker);
	return o;
}

static void test_segments(void **state)
{
	struct clip clip = make_clip();
	struct outcome o = run(request_for(&clip, 1, 2));
	struct err err = { 0 };
	struct clip_cache *cache = clip_cache_open(dir, 0, &err);

	(void)state;
	assert_int_equal(o.end, WORKER_DONE);
	assert_int_equal(o.segments, 1);
	assert_int_equal(o.first, 1);
	assert_true(json_number(o.done, "speed", 0) > 0);
	json_decref(o.done);
	assert_true(clip_cache_has(cache, clip.key, 1));
	clip_cache_close(cache);

	o = run(request_for(&clip, 0, 3)); /* stops at 1, which exists */
	assert_int_equal(o.end, WORKER_DONE);
	assert_int_equal(o.segments, 2); /* and says so: who made it may have been killed before he could */
	assert_int_equal(o.last, 1);
	assert_int_equal(json_int(o.done, "segments", -1), 1);
	json_decref(o.done);
}

static void test_refused(void **state)
{
	struct clip clip = make_clip();
	struct outcome o = run(request_for(&clip, 2, 9));

	(void)state;
	assert_int_equal(o.end, WORKER_FAILED);
	assert_int_equal(o.err.code, ERR_RANGE);
	o = run(json_pack("{s:s}", "job", "encode"));
	assert_int_equal(o.end, WORKER_FAILED);
	assert_int_equal(o.err.code, ERR_INVALID);
	clip.path = "/nowhere/film.mkv";
	o = run(request_for(&clip, 2, 3));
	assert_int_equal(o.end, WORKER_FAILED);
	assert_int_equal(o.err.code, ERR_NOT_FOUND);
}

/* A cache that cannot be written, for whatever reason, says nothing of the clip. */
static void test_unwritable(void **state)
{
	struct clip clip = make_clip();
	CLEANUP(cleanup_free) char *in_the_way = NULL;
	struct outcome o;
	json_t *request;

	(void)state;
	memcpy(clip.key, "5a", 2);
	in_the_way = fs_join(dir, "5a");
	assert_int_equal(fs_write_atomic(in_the_way, "x", 1, NULL), 0);
	o = run(request_for(&clip, 0, 2));
	assert_int_equal(o.end, WORKER_FAILED);
	assert_int_equal(o.err.code, ERR_CACHE);
	assert_non_null(strstr(o.err.text, "/5a"));
	assert_int_equal(o.segments, 0);
	request = request_for(&clip, 0, 2);
	json_object_set_new(request, "hold", json_true());
	o = run(request);
	assert_int_equal(o.end, WORKER_DONE);
	assert_int_equal(o.segments, 2);
	assert_int_equal(o.held, 2);
	assert_non_null(strstr(o.why, "/5a"));
	json_decref(o.done);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_segments), cmocka_unit_test(test_refused),
					    cmocka_unit_test(test_unwritable) };

	dir = test_dir();
	if (asprintf(&path, "%s/a.mkv", dir) < 0)
		abort();
	test_media(path, "-f lavfi -i testsrc2=s=160x90:r=25 -t 6 -c:v mpeg4");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
