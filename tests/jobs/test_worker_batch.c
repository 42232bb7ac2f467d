/* Batches of jobs: they survive their workers, are cancelled, and blame no job for what all workers lack. */
#include "lib/worker_fixture.h"

#include <string.h>

#include "base/cleanup.h"

struct batch {
	const char *const *jobs; /* "echo", or how a bad one goes wrong */
	int at, done, failed, stopped, timeouts;
	volatile bool cancelled;
	int cancel_after;
};

static json_t *next(void *context, void **ret_tag)
{
	struct batch *b = context;
	const char *job = b->jobs[b->at];

	if (!job)
		return NULL;
	*ret_tag = (void *)(uintptr_t)++b->at;
	if (b->at == b->cancel_after)
		b->cancelled = true;
	if (strcmp(job, "echo") == 0 || strcmp(job, "count") == 0 || strcmp(job, "soup") == 0)
		return json_pack("{s:s,s:s}", "job", job, "text", "x");
	return json_pack("{s:s,s:s}", "job", "bad", "how", job);
}

static void result(void *context, void *tag, const json_t *done, const struct err *err)
{
	struct batch *b = context;

	assert_true(tag != NULL && (int)(uintptr_t)tag <= b->at);
	assert_true(!done != !err);
	if (done)
		b->done++;
	else if (err->code == ERR_BUSY)
		b->stopped++;
	else if (err->code == ERR_TIMEOUT)
		b->timeouts++;
	else
		b->failed++;
}

static int run(struct batch *b, unsigned count, const char *program, struct err *err)
{
	struct worker_batch batch = { .count = count,
				      .timeout_ms = 400,
				      .limits = { .program = program },
				      .context = b,
				      .next = next,
				      .result = result,
				      .cancelled = &b->cancelled };

	return worker_batch_run(&batch, err);
}

static void a_batch_survives_its_workers(void **state)
{
	static const char *const jobs[] = { "echo", "crash", "echo", "hang", "count", "flood", "echo", "half",
					    "huge", "leave", "echo", "close", "echo", NULL };
	struct batch b = { .jobs = jobs };
	struct err err = { 0 };

	(void)state;
	test_ok(run(&b, 2, NULL, &err), &err);
	assert_int_equal(b.done, 6);
	assert_int_equal(b.failed, 6);
	assert_int_equal(b.timeouts, 1);
	assert_int_equal(b.stopped, 0);
}

static void an_empty_batch_starts_nothing(void **state)
{
	static const char *const jobs[] = { NULL };
	struct batch b = { .jobs = jobs };
	struct err err = { 0 };

	(void)state;
	test_ok(run(&b, 2, "/nonexistent/matinee", &err), &err);
}

static void a_batch_is_cancelled(void **state)
{
	static const char *const jobs[] = { "echo", "until cancelled", "echo", "echo", NULL };
	struct batch b = { .jobs = jobs, .cancel_after = 2 };
	struct err err = { 0 };

	(void)state;
	test_ok(run(&b, 1, NULL, &err), &err);
	assert_int_equal(b.at, 2);
	assert_int_equal(b.done, 2);
}

static void a_program_that_cannot_run_blames_no_job(void **state)
{
	static const char *const jobs[] = { "echo", "echo", "echo", NULL };
	static const char *const programs[] = { "/nonexistent/matinee", "/bin/false" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		struct batch b = { .jobs = jobs };
		struct err err = { 0 };

		assert_true(run(&b, 2, programs[i], &err) < 0);
		assert_int_equal(err.code, ERR_WORKER);
		assert_int_equal(b.failed + b.done + b.timeouts, 0);
		assert_int_equal(b.stopped, b.at);
	}
}

static void what_all_workers_lack_blames_no_job(void **state)
{
	static const char *const jobs[] = { "soup", "soup", "soup", NULL };
	struct batch b = { .jobs = jobs };
	struct err err = { 0 };

	(void)state;
	assert_true(run(&b, 2, NULL, &err) < 0);
	assert_string_equal(err.text, "workers cannot run: the spoon ? is missing");
	assert_int_equal(b.failed + b.done + b.timeouts, 0);
	assert_int_equal(b.stopped, b.at);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_survives_its_workers),
		cmocka_unit_test(an_empty_batch_starts_nothing),
		cmocka_unit_test(a_batch_is_cancelled),
		cmocka_unit_test(a_program_that_cannot_run_blames_no_job),
		cmocka_unit_test(what_all_workers_lack_blames_no_job),
	};

	return worker_fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
