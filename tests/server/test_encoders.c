/* Which encoder the station uses: by what the tries of workers say, aloud where one that should work does not, and back to the chip once
 * it works again. A real server; this binary is its own worker, and its chips work but for those that a file names. The boot clock is put
 * ahead where a minute would have to pass. */
#include "lib/server_fixture.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "jobs/worker.h"
#include "server/encoders.h"
#include "server/parts.h"
#include "stream/profile.h"

#define BROKEN "MATINEE_TEST_BROKEN" /* the file's path, in the environment */

static _Atomic int64_t ahead_s;

int clock_gettime(clockid_t id, struct timespec *ret)
{
	static int (*real)(clockid_t, struct timespec *);
	int rc;

	if (!real)
		real = (int (*)(clockid_t, struct timespec *))(uintptr_t)dlsym(RTLD_NEXT, "clock_gettime");
	rc = real(id, ret);
	if (id == CLOCK_BOOTTIME)
		ret->tv_sec += ahead_s;
	return rc;
}

static int made_up_probe(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(buf_free) struct buf broken = { 0 };
	struct profile profile;
	const char *name;

	(void)job;
	if (profile_get(json_text(request, "profile", ""), 25, 1, &profile, err) < 0)
		return -(int)err->code;
	name = profile_encoder_name(profile_encoder(&profile));
	if (buf_read_file(&broken, getenv(BROKEN), err) < 0)
		return -(int)err->code;
	if (strstr(buf_text(&broken), name))
		return err_set(err, ERR_UNSUPPORTED, "%s: no such chip", name);
	*ret_done = json_object();
	return 0;
}

static void set_broken(const char *names)
{
	struct err err = { 0 };

	test_ok(fs_write_atomic(getenv(BROKEN), names, strlen(names), &err), &err);
}

static struct house *open_with(const char *wanted, const char *broken)
{
	struct house *h = calloc(1, sizeof(*h));
	struct server_config config = { .mode = SERVER_SERVE, .workers = 1, .worker_program = "/proc/self/exe", .encoder = wanted };
	CLEANUP(cleanup_free) char *path = NULL;
	struct err err = { 0 };

	station_fixture_open(&h->f, clock_wall_ms() - 100000);
	path = fs_join(h->f.dir, "broken");
	setenv(BROKEN, path, 1);
	set_broken(broken);
	station_fixture_item(&h->f, &(struct fixture_item) { .kind = "movie", .title = "A", .flicks = 30 * PLAN_FLICKS });
	h->channel_id = station_fixture_channel(&h->f, 7, "Seven", "{\"query\": {\"kind\": \"movie\"}, \"order\": \"loop\"}", 1);
	station_fixture_build(&h->f, h->channel_id, station_now_ns(h->f.time) + 1800 * CLOCK_SECOND);
	config.store = h->f.store;
	h->server = server_start(&config, &err);
	if (!h->server)
		fail_msg("%s", err.text);
	h->port = server_port(h->server);
	return h;
}

/* Until `encoder` is used, and every one that was asked for was tried; the fault that is said, or "". */
static void wait_for(const struct house *h, const char *encoder, char fault[300])
{
	for (int tries = 0; tries < 3000; tries++) {
		CLEANUP(json_cleanup) json_t *status = json_object();
		CLEANUP(json_cleanup) json_t *faults = json_array();
		CLEANUP(cleanup_free) char *text = NULL;

		encoders_status(h->server->encoders, status, faults);
		text = json_dumps(status, 0);
		snprintf(fault, 300, "%s", json_text(json_array_get(faults, 0), "reason", ""));
		if (!strstr(text, "unknown") && strcmp(json_text(status, "encoder", ""), encoder) == 0)
			return;
		usleep(20000);
	}
	fail_msg("%s is not used", encoder);
}

static void wait_for_clips(const struct house *h, const char *like)
{
	int64_t count = 0;

	for (int tries = 0; tries < 3000 && !count; tries++) {
		struct err err = { 0 };

		db_lock(h->f.db);
		test_ok(db_int(h->f.db, &count, 0, &err, "SELECT count(*) FROM clips WHERE profile LIKE ?", "t", like), &err);
		db_unlock(h->f.db);
		usleep(20000);
	}
	assert_true(count > 0);
}

static void expect_end(struct house *h)
{
	void *state = h;

	close_house(&state);
}

static void the_best_that_works_is_used(void **state)
{
	struct house *h = open_with("auto", "h264_nvenc h264_qsv");
	char fault[300];

	(void)state;
	wait_for(h, "h264_vaapi", fault);
	assert_string_equal(fault, ""); /* nobody asked for the others, nor had them */
	wait_for_clips(h, "%+vaapi");
	expect_end(h);
}

static void one_that_was_asked_for_and_fails_is_said(void **state)
{
	struct house *h = open_with("h264_qsv", "h264_qsv");
	char fault[300];

	(void)state;
	wait_for(h, "libx264", fault);
	assert_string_equal(fault, "h264_qsv does not work, libx264 encodes instead: h264_qsv: no such chip");
	expect_end(h);
}

/* It fails on the air: the next that works takes over, loudly; it works again: back to it, and nothing is said. */
static void back_to_the_chip(void **state)
{
	struct house *h = open_with("auto", "h264_qsv");
	char fault[300];

	(void)state;
	wait_for(h, "h264_nvenc", fault);
	assert_string_equal(fault, "");
	set_broken("h264_qsv h264_nvenc");
	encoders_doubt(h->server->encoders);
	wait_for(h, "h264_vaapi", fault);
	assert_string_equal(fault, "h264_nvenc does not work, h264_vaapi encodes instead: h264_nvenc: no such chip");
	set_broken("");
	ahead_s += 200; /* two minutes are between its tries by now */
	wait_for(h, "h264_nvenc", fault);
	assert_string_equal(fault, "");
	wait_for_clips(h, "%+nvenc");
	expect_end(h);
}

/* Segments of two encoders never pass for one another. */
static void each_has_a_profile_of_its_own(void **state)
{
	struct profile of[PROFILE_ENCODERS];
	struct err err = { 0 };

	(void)state;
	test_ok(profile_get("720p", 25, 1, &of[0], &err), &err);
	for (int i = PROFILE_NVENC; i < PROFILE_ENCODERS; i++) {
		struct profile again;

		of[i] = profile_encoded_by(&of[0], (enum profile_encoder)i);
		assert_int_equal(profile_encoder(&of[i]), i);
		test_ok(profile_get(of[i].name, 25, 1, &again, &err), &err); /* by its name, as clips and jobs carry it */
		assert_true(again.hash == of[i].hash);
		assert_true(of[i].hash != of[0].hash);
		for (int other = PROFILE_NVENC; other < i; other++)
			assert_true(of[i].hash != of[other].hash);
	}
}

int main(int argc, char **argv)
{
	static const struct worker_handler handlers[] = { { "encoder_probe", made_up_probe, NULL }, { 0 } };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_that_works_is_used),
		cmocka_unit_test(one_that_was_asked_for_and_fails_is_said),
		cmocka_unit_test(back_to_the_chip),
		cmocka_unit_test(each_has_a_profile_of_its_own),
	};

	if (argc > 1 && strcmp(argv[1], "worker") == 0)
		return worker_main(3, handlers);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
