/* The queue of jobs: run in order, lanes apart, cancelled, and what becomes of them when a server dies. */
#include "lib/testlib.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "jobs/queue.h"
#include "store/jobs.h"

struct house { /* what the jobs of these tests see */
	pthread_mutex_t lock;
	char order[64]; /* a letter for each that began */
	int running, most;
	int changed;
};

static void nap(void)
{
	const struct timespec pause = { .tv_nsec = 5 * 1000000 };

	nanosleep(&pause, NULL);
}

static int quick(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err)
{
	struct house *house = queue_job_context(job);
	const char *letter = json_text(payload, "letter", "?");

	pthread_mutex_lock(&house->lock);
	strncat(house->order, letter, 1);
	house->most = ++house->running > house->most ? house->running : house->most;
	pthread_mutex_unlock(&house->lock);
	for (int i = 0; i < 10; i++)
		nap();
	pthread_mutex_lock(&house->lock);
	house->running--;
	pthread_mutex_unlock(&house->lock);
	if (*letter == 'x')
		return err_set(err, ERR_MEDIA, "it is an x");
	*ret_result = json_pack("{s:s}", "message", "well done");
	return 0;
}

static int endless(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err)
{
	(void)payload;
	(void)ret_result;
	queue_job_progress(job, 0.25, "a %s", "quarter");
	while (!*queue_job_cancelled(job))
		nap();
	return err_set(err, ERR_BUSY, "stopped");
}

static int no_letter(const json_t *payload, struct err *err)
{
	return json_text(payload, "letter", NULL) ? 0 : err_set(err, ERR_INVALID, "a letter is needed");
}

static const struct queue_kind kinds[] = {
	{ .kind = "quick", .lane = "a", .run = quick, .check = no_letter },
	{ .kind = "other", .lane = "b", .run = quick },
	{ .kind = "long", .lane = "c", .run = endless },
	{ .kind = "resumes", .lane = "d", .again = true, .run = endless },
	{ .kind = NULL },
};

static void on_changed(void *context, json_t *job)
{
	struct house *house = context;

	pthread_mutex_lock(&house->lock);
	house->changed++;
	pthread_mutex_unlock(&house->lock);
	json_decref(job);
}

struct fixture {
	struct house house;
	char *dir;
	struct store *store;
	struct queue *queue;
};

static void begin(struct fixture *f)
{
	const struct queue_config config = {
		.store = f->store, .kinds = kinds, .context = &f->house, .changed = on_changed
	};

	f->queue = queue_start(&config);
}

static struct fixture *fixture_make(void)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	pthread_mutex_init(&f->house.lock, NULL);
	f->dir = test_dir();
	f->store = store_open(f->dir, true, &err);
	assert_non_null(f->store);
	begin(f);
	return f;
}

static void fixture_end(struct fixture *f)
{
	queue_stop(f->queue);
	store_close(f->store);
	free(f->dir);
	free(f);
}

static int64_t add(struct fixture *f, const char *kind, const char *letter)
{
	CLEANUP(json_cleanup) json_t *payload = json_pack("{s:s}", "letter", letter);
	struct err err = { 0 };
	int64_t id;

	test_ok(queue_add(f->queue, kind, payload, &id, &err), &err);
	return id;
}

static void state_of(struct fixture *f, int64_t id, char state[32], char message[200])
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct err err = { 0 };
	struct job job;

	test_ok(jobs_get(store_reader(f->store, &err), id, &arena, &job, &err), &err);
	snprintf(state, 32, "%s", job.state);
	snprintf(message, 200, "%s", job.message);
}

static void wait_for(struct fixture *f, int64_t id, const char *wanted, const char *wanted_message)
{
	char state[32], message[200];

	for (int i = 0; i < 4000; i++) {
		state_of(f, id, state, message);
		if (strcmp(state, wanted) == 0 && (!wanted_message || strstr(message, wanted_message)))
			return;
		nap();
	}
	fail_msg("job %lld is %s (%s) and not %s (%s)", (long long)id, state, message, wanted,
		 wanted_message ? wanted_message : "");
}

static void a_lane_is_a_line(void **state)
{
	struct fixture *f = fixture_make();
	int64_t a = add(f, "quick", "a"), b = add(f, "quick", "b"), x = add(f, "quick", "x");

	(void)state;
	wait_for(f, x, "failed", "it is an x");
	wait_for(f, a, "done", "well done");
	wait_for(f, b, "done", "well done");
	assert_string_equal(f->house.order, "abx");
	assert_int_equal(f->house.most, 1);
	f->house.order[0] = '\0';
	add(f, "quick", "c");
	b = add(f, "other", "d");
	wait_for(f, b, "done", NULL);
	assert_int_equal(f->house.most, 2); /* another lane */
	assert_true(f->house.changed > 0);
	fixture_end(f);
}

static void nonsense_is_refused_and_twice_is_once(void **state)
{
	struct fixture *f = fixture_make();
	struct err err = { 0 };
	int64_t id = 0, again;

	(void)state;
	assert_int_equal(queue_add(f->queue, "quick", NULL, &id, &err), -ERR_INVALID);
	assert_string_equal(err.text, "a letter is needed");
	err_clear(&err);
	assert_int_equal(queue_add(f->queue, "unknown", NULL, &id, &err), -ERR_NOT_FOUND);
	err_clear(&err);
	test_ok(queue_add(f->queue, "long", NULL, &id, &err), &err);
	test_ok(queue_add(f->queue, "long", NULL, &again, &err), &err);
	assert_int_equal(id, again);
	fixture_end(f);
}

static void cancelled_where_it_stands(void **state)
{
	struct fixture *f = fixture_make();
	int64_t runs = add(f, "long", "a"), waits = add(f, "long", "b");
	struct err err = { 0 };

	(void)state;
	wait_for(f, runs, "running", "a quarter");
	test_ok(queue_cancel(f->queue, waits, &err), &err);
	wait_for(f, waits, "cancelled", NULL);
	test_ok(queue_cancel(f->queue, runs, &err), &err);
	wait_for(f, runs, "cancelled", NULL);
	assert_int_equal(queue_cancel(f->queue, runs, &err), -ERR_CONFLICT);
	err_clear(&err);
	assert_int_equal(queue_cancel(f->queue, 999, &err), -ERR_NOT_FOUND);
	fixture_end(f);
}

static void stopping_and_dying(void **state)
{
	struct fixture *f = fixture_make();
	int64_t goes_on = add(f, "resumes", "a"), stays = add(f, "long", "b");
	struct err err = { 0 };

	(void)state;
	wait_for(f, goes_on, "running", "quarter");
	wait_for(f, stays, "running", "quarter");
	queue_stop(f->queue); /* in good order */
	wait_for(f, goes_on, "queued", "stopped");
	wait_for(f, stays, "failed", "the server was stopped");
	begin(f);
	wait_for(f, goes_on, "running", "quarter");
	queue_stop(f->queue);
	for (int i = 0; i < 2; i++) { /* a server that is killed leaves rows that say they run */
		assert_int_equal(sqlite3_exec(db_sqlite(store_writer(f->store)),
					      "UPDATE jobs SET state = 'running', message = ''", NULL, NULL,
					      NULL),
				 SQLITE_OK);
		begin(f);
		if (i == 0) /* begun twice so far */
			wait_for(f, goes_on, "running", "quarter");
		else
			wait_for(f, goes_on, "failed", "three times");
		wait_for(f, stays, "failed", "the server ended while it ran");
		queue_stop(f->queue);
	}
	begin(f);
	test_ok(jobs_add(store_writer(f->store), "nobody knows it", NULL, &stays, &err), &err);
	queue_poke(f->queue);
	queue_cancel(f->queue, stays, &err);
	wait_for(f, stays, "cancelled", NULL);
	fixture_end(f);
}

static void the_newest_thousand_are_kept(void **state)
{
	struct fixture *f = fixture_make();
	struct db *db = store_writer(f->store);
	CLEANUP(json_cleanup) json_t *list = NULL;
	struct err err = { 0 };
	int64_t id;

	(void)state;
	db_lock(db);
	assert_int_equal(
		sqlite3_exec(db_sqlite(db),
			     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) "
			     "INSERT INTO jobs (kind, state, created_ms) SELECT 'old', 'done', i FROM n",
			     NULL, NULL, NULL),
		SQLITE_OK);
	db_unlock(db);
	id = add(f, "quick", "z");
	wait_for(f, id, "done", NULL);
	list = jobs_list_json(store_reader(f->store, &err), NULL, 10, 0, &err);
	assert_int_equal(json_int(list, "total", 0), 1000);
	assert_int_equal(json_int(json_array_get(json_object_get(list, "items"), 0), "id", 0), id);
	fixture_end(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lane_is_a_line),
		cmocka_unit_test(nonsense_is_refused_and_twice_is_once),
		cmocka_unit_test(cancelled_where_it_stands),
		cmocka_unit_test(stopping_and_dying),
		cmocka_unit_test(the_newest_thousand_are_kept),
	};

	log_set_level(LOG_CRITICAL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
