/* The producer: who wants which segment, once each, by workers that may crash. This binary is its own worker; it writes
 * segments of text and a line for each into <cache>/made. */
#include "lib/producer_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "stream/producer.h"

/* ---- the worker ---- */

static int made_up_encode(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(cleanup_free) char *cache = json_path(request, "cache");
	struct clip clip;
	char text[128];

	if (clip_from_json(json_object_get(request, "clip"), &arena, &clip, err) < 0)
		return -(int)err->code;
	if (strstr(clip.path, "crash")) {
		made_note(cache, "crash\n");
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
	}
	if (strstr(clip.path, "killed once") && !made_count(cache, "killed")) {
		made_note(cache, "killed\n");
		raise(SIGKILL);
	}
	if (strstr(clip.path, "noise"))
		return err_set(err, ERR_MEDIA, "this is no film");
	if (strstr(clip.path, "hangs"))
		raise(SIGSTOP);
	for (int64_t k = json_int(request, "from", 0); k < json_int(request, "to", 0); k++) {
		if (k >= worker_until(job))
			break;
		usleep(strstr(clip.path, "slow") ? 200000 : 3000);
		snprintf(text, sizeof(text), "%.8s %lld %d %d\n", clip.key, (long long)k, (int)getpid(), getpriority(PRIO_PROCESS, 0));
		if (clip_cache_write(cache, clip.key, k, text, strlen(text), err) < 0)
			return -(int)err->code;
		made_note(cache, text);
		worker_report(job, json_pack("{s:s, s:I}", "event", "segment", "k", (json_int_t)k));
	}
	*ret_done = json_pack("{s:f, s:I}", "speed", 2.0, "true_duration_flicks",
			      strstr(clip.path, "short") ? (json_int_t)PLAN_FLICKS : (json_int_t)0);
	return 0;
}

/* The slate itself, by the third worker: two are killed over it. */
static int killed_twice_slate(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *cache = json_path(request, "cache");

	if (!made_count(cache, "slate\nslate\n")) {
		made_note(cache, "slate\n");
		raise(SIGKILL);
	}
	return slate_job(job, request, ret_done, err);
}

static int made_up_errand(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	(void)job;
	(void)err;
	usleep(1000 * (useconds_t)json_int(request, "ms", 0));
	*ret_done = json_pack("{s:O}", "text", json_object_get(request, "text"));
	return 0;
}

/* ---- the house ---- */

struct house {
	struct clip_cache *cache;
	struct producer *producer;
	char *dir;
	int failed, shorter;
	enum err_code code; /* of the last that failed */
};

static void failed(void *context, const struct clip *clip, const struct err *err)
{
	struct house *house = context;

	(void)clip;
	assert_true(err->code != ERR_OK && err->text[0]);
	house->code = err->code;
	__atomic_fetch_add(&house->failed, 1, __ATOMIC_SEQ_CST);
}

static void shorter(void *context, const struct clip *clip, int64_t flicks)
{
	struct house *house = context;

	assert_int_equal(flicks, PLAN_FLICKS);
	assert_non_null(strstr(clip->path, "short"));
	__atomic_fetch_add(&house->shorter, 1, __ATOMIC_SEQ_CST);
}

/* `segments`: that a worker makes until another takes its place. */
static struct house *house_open_in(char *dir, unsigned segments)
{
	struct house *house = calloc(1, sizeof(*house));
	struct producer_config config = { .workers = 1, .context = house, .failed = failed, .shorter = shorter,
					  .limits = { .program = "/proc/self/exe" }, .segments = segments };
	struct err err = { 0 };

	house->dir = dir;
	house->cache = clip_cache_open(house->dir, 0, &err);
	assert_non_null(house->cache);
	config.cache = house->cache;
	house->producer = producer_start(&config, &err);
	assert_non_null(house->producer);
	return house;
}

static struct house *house_open_with(unsigned segments)
{
	return house_open_in(test_dir(), segments);
}

static struct house *house_open(void)
{
	return house_open_with(0);
}

static void house_close(struct house *house)
{
	producer_stop(house->producer);
	clip_cache_close(house->cache);
	free(house->dir);
	free(house);
}

struct answer {
	pthread_mutex_t lock;
	pthread_cond_t came;
	int count, rc;
};

#define ANSWER { .lock = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER }

static void ready(void *context, int rc)
{
	struct answer *answer = context;

	pthread_mutex_lock(&answer->lock);
	answer->count++;
	answer->rc = rc;
	pthread_cond_broadcast(&answer->came);
	pthread_mutex_unlock(&answer->lock);
}

static int answer_wait(struct answer *answer, int count)
{
	pthread_mutex_lock(&answer->lock);
	while (answer->count < count)
		pthread_cond_wait(&answer->came, &answer->lock);
	pthread_mutex_unlock(&answer->lock);
	return answer->rc;
}

/* How many lines of <cache>/made begin with text; the last one's nice level in *ret_nice. */
static int made(const struct house *house, const char *text, int *ret_nice)
{
	CLEANUP(buf_free) struct buf path = { 0 }, all = { 0 };
	int count = 0;
	char *rest, *line;

	buf_addf(&path, "%s/made", house->dir);
	if (buf_read_file(&all, path.data, NULL) < 0 || !all.data)
		return 0;
	rest = all.data;
	while ((line = strsep(&rest, "\n"))) {
		if (strncmp(line, text, strlen(text)) != 0)
			continue;
		count++;
		if (ret_nice)
			*ret_nice = atoi(strrchr(line, ' ') + 1);
	}
	return count;
}

/* ---- the tests ---- */

static void who_waits_gets_it_and_it_is_made_once(void **state)
{
	struct house *house = house_open();
	struct clip clip = clip_of("/films/a", 20);
	struct answer answer = ANSWER;
	char line[32];

	(void)state;
	for (int i = 0; i < 20; i++)
		producer_wait(house->producer, &clip, 3, 60000, ready, &answer);
	assert_int_equal(answer_wait(&answer, 20), 0);
	assert_int_equal(answer.count, 20);
	snprintf(line, sizeof(line), "%.8s 3 ", clip.key);
	assert_int_equal(made(house, line, NULL), 1);
	/* It stands already: answered at once, by the caller. */
	assert_int_equal(producer_wait(house->producer, &clip, 3, 60000, ready, &answer), 0);
	assert_int_equal(answer.count, 21);
	house_close(house);
}

static void a_wish_is_made_whole_and_each_segment_once(void **state)
{
	struct house *house = house_open();
	struct clip clip = clip_of("/films/b", 60);
	struct answer answer = ANSWER;

	(void)state;
	producer_want(house->producer, &clip, 0, 30, PRODUCER_EDGE);
	wait_until_has(house->cache, &clip, 0); /* who waits for one far within the job has one of his own */
	producer_wait(house->producer, &clip, 12, 60000, ready, &answer);
	producer_want(house->producer, &clip, 5, 25, PRODUCER_EDGE);
	assert_int_equal(answer_wait(&answer, 1), 0);
	for (int64_t k = 0; k < 30; k++)
		wait_until_has(house->cache, &clip, k);
	for (int k = 0; k < 30; k++) {
		char line[32];

		snprintf(line, sizeof(line), "%.8s %d ", clip.key, k);
		assert_int_equal(made(house, line, NULL), 1);
	}
	house_close(house);
}

/* A job ends where a segment is there already, whoever made it: another goes on behind it. */
static void what_is_there_is_not_made_again(void **state)
{
	struct clip clip = clip_of("/films/there", 40);
	char *dir = test_dir();
	struct house *house;
	struct answer answer = ANSWER;
	struct err err = { 0 };
	char line[32];

	(void)state;
	for (int64_t k = 3; k < 20; k += 5)
		test_ok(clip_cache_write(dir, clip.key, k, "there", 5, &err), &err);
	house = house_open_in(dir, 0);
	producer_want(house->producer, &clip, 0, 20, PRODUCER_EDGE);
	producer_wait(house->producer, &clip, 0, 60000, ready, &answer);
	assert_int_equal(answer_wait(&answer, 1), 0);
	for (int64_t k = 0; k < 20; k++)
		wait_until_has(house->cache, &clip, k);
	for (int64_t k = 0; k < 20; k++) {
		snprintf(line, sizeof(line), "%.8s %lld ", clip.key, (long long)k);
		assert_int_equal(made(house, line, NULL), k % 5 != 3);
	}
	house_close(house);
}

static void a_crash_is_told_to_all_who_wait_and_the_next_clip_is_made(void **state)
{
	struct house *house = house_open();
	struct clip bad = clip_of("/films/crash", 20), noise = clip_of("/films/noise", 20), good = clip_of("/films/c", 20);
	struct answer answers = ANSWER, other = ANSWER;

	(void)state;
	for (int i = 0; i < 4; i++)
		producer_wait(house->producer, &bad, i % 2, 60000, ready, &answers);
	assert_true(answer_wait(&answers, 4) < 0);
	while (!__atomic_load_n(&house->failed, __ATOMIC_SEQ_CST)) /* it is told after those who wait */
		usleep(1000);
	assert_int_equal(house->failed, 1);
	assert_int_equal(house->code, ERR_CRASH); /* that is the file's doing */
	/* A second worker was tried, then none for a while: two crashes a minute, not one a request. */
	assert_int_equal(made(house, "crash", NULL), 2);
	producer_wait(house->producer, &bad, 5, 60000, ready, &answers);
	assert_true(answer_wait(&answers, 5) < 0);
	assert_int_equal(made(house, "crash", NULL), 2);
	producer_wait(house->producer, &noise, 0, 60000, ready, &other);
	assert_true(answer_wait(&other, 1) < 0);
	producer_wait(house->producer, &good, 0, 60000, ready, &other);
	assert_int_equal(answer_wait(&other, 2), 0);
	house_close(house);
}

/* How many workers made a clip; *last: the one of its last line. */
static int makers(const struct house *house, const struct clip *clip, int *last)
{
	CLEANUP(buf_free) struct buf path = { 0 }, all = { 0 };
	int count = 0, pid = 0;
	char *rest, *line;

	buf_addf(&path, "%s/made", house->dir);
	assert_int_equal(buf_read_file(&all, path.data, NULL), 0);
	rest = all.data;
	while ((line = strsep(&rest, "\n"))) {
		int by;

		if (strncmp(line, clip->key, 8) != 0 || sscanf(line + 9, "%*d %d", &by) != 1)
			continue;
		count += by != pid;
		pid = by;
	}
	*last = pid;
	return count;
}

/* Six jobs of 8 segments: one worker makes all, or each of three makes two, never a part of one. */
static void a_worn_worker_goes_between_two_jobs(void **state)
{
	static const struct {
		unsigned segments;
		int workers;
	} rows[] = { { 0, 1 }, { 10, 3 }, { 1, 6 } };

	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
		struct house *house = house_open_with(rows[r].segments);
		int workers = 0, before = 0;

		for (int job = 0; job < 6; job++) {
			char path[32];
			struct clip clip;
			int by = 0;

			snprintf(path, sizeof(path), "/films/job %d", job);
			clip = clip_of(path, 16);
			producer_want(house->producer, &clip, 0, 8, PRODUCER_EDGE);
			wait_until_has(house->cache, &clip, 7);
			assert_int_equal(makers(house, &clip, &by), 1);
			workers += by != before;
			before = by;
		}
		assert_int_equal(workers, rows[r].workers);
		house_close(house);
	}
}

static void a_worker_that_is_killed_costs_nobody_his_segment(void **state)
{
	struct house *house = house_open();
	struct clip once = clip_of("/films/killed once", 20);
	struct answer answer = ANSWER;

	(void)state;
	producer_wait(house->producer, &once, 0, 60000, ready, &answer);
	assert_int_equal(answer_wait(&answer, 1), 0);
	assert_int_equal(house->failed, 0);
	assert_int_equal(made(house, "killed", NULL), 1);
	house_close(house);
}

static void a_slate_comes_though_its_workers_are_killed(void **state)
{
	struct house *house = house_open();
	struct clip clip = clip_of("/films/any", 20);
	struct err err = { 0 };

	(void)state;
	assert_non_null(producer_slate(house->producer, &clip.profile, 60000, &err));
	assert_int_equal(made(house, "slate", NULL), 2);
	house_close(house);
}

static void who_waits_too_long_is_told(void **state)
{
	struct house *house = house_open();
	struct clip slow = clip_of("/films/slow", 20);
	struct answer answer = ANSWER;

	(void)state;
	producer_wait(house->producer, &slow, 0, 20, ready, &answer);
	assert_int_equal(answer_wait(&answer, 1), -ERR_TIMEOUT);
	wait_until_has(house->cache, &slow, 0); /* it is made all the same */
	house_close(house);
}

/* The worker that must go on. */
static pid_t worker_of(const struct house *house, const char *name)
{
	CLEANUP(json_cleanup) json_t *workers = producer_workers(house->producer);
	json_t *worker;
	size_t i;

	json_array_foreach(workers, i, worker)
		if (strcmp(json_text(worker, "detail", ""), name) == 0)
			return (pid_t)json_int(worker, "pid", 0);
	fail_msg("no worker is at '%s'", name);
	return 0;
}

static void a_disk_that_hangs_holds_up_nobody_else(void **state)
{
	struct house *house = house_open();
	struct clip hangs[3] = { clip_of("/films/hangs", 60), clip_of("/films/hangs too", 60), clip_of("/films/hangs 3", 60) };
	struct clip good = clip_of("/films/good", 60);
	struct answer told = ANSWER, again = ANSWER;

	(void)state;
	for (int i = 0; i < 3; i++)
		producer_wait(house->producer, &hangs[i], 7, 1000000, ready, &told);
	assert_int_equal(answer_wait(&told, 3), -ERR_TIMEOUT); /* long before the million */
	/* Every place is taken, and yet: */
	producer_want(house->producer, &good, 0, 20, PRODUCER_EDGE);
	for (int64_t k = 0; k < 20; k++)
		wait_until_has(house->cache, &good, k);
	assert_int_equal(house->failed, 0);
	/* Nobody waits for it again in vain. */
	assert_int_equal(producer_wait(house->producer, &hangs[0], 9, 1000000, ready, &again), 0);
	assert_int_equal(answer_wait(&again, 1), -ERR_TIMEOUT);
	/* It answers again. */
	kill(worker_of(house, "hangs"), SIGCONT);
	wait_until_has(house->cache, &hangs[0], 7);
	house_close(house);
}

/* While what was made ahead is still on: libx264 can make the same frames. */
static void a_chip_that_hangs_is_given_up_soon(void **state)
{
	struct house *house = house_open();
	struct clip hangs = clip_of("/films/hangs", 60);
	int64_t began_ns = clock_boot_ns();

	(void)state;
	hangs.profile = profile_encoded_by(&hangs.profile, PROFILE_VAAPI);
	producer_want(house->producer, &hangs, 0, 20, PRODUCER_EDGE);
	while (!__atomic_load_n(&house->failed, __ATOMIC_SEQ_CST))
		usleep(20000);
	assert_in_range(clock_boot_ns() - began_ns, 5 * CLOCK_SECOND, 25 * CLOCK_SECOND);
	assert_int_equal(house->code, ERR_TIMEOUT);
	house_close(house);
}

static void who_left_is_not_called(void **state)
{
	struct house *house = house_open();
	struct clip slow = clip_of("/films/slow2", 20);
	struct answer answer = ANSWER, other = ANSWER;
	uint64_t id = producer_wait(house->producer, &slow, 0, 60000, ready, &answer);

	(void)state;
	producer_forget(house->producer, id);
	producer_forget(house->producer, id);
	producer_wait(house->producer, &slow, 0, 60000, ready, &other);
	answer_wait(&other, 1);
	assert_int_equal(answer.count, 0);
	house_close(house);
}

static void the_more_urgent_work_is_the_less_nice(void **state)
{
	struct house *house = house_open();
	struct clip live = clip_of("/films/live", 20), edge = clip_of("/films/edge", 20), later = clip_of("/films/later", 20);
	struct answer answer = ANSWER;
	int nice[3] = { -1, -1, -1 };

	(void)state;
	producer_want(house->producer, &later, 0, 2, PRODUCER_PREPARE);
	wait_until_has(house->cache, &later, 1);
	producer_want(house->producer, &edge, 0, 2, PRODUCER_EDGE);
	wait_until_has(house->cache, &edge, 1);
	producer_wait(house->producer, &live, 0, 60000, ready, &answer);
	assert_int_equal(answer_wait(&answer, 1), 0);
	live.key[8] = edge.key[8] = later.key[8] = '\0';
	made(house, live.key, &nice[0]);
	made(house, edge.key, &nice[1]);
	made(house, later.key, &nice[2]);
	assert_true(nice[0] >= 0 && nice[0] < nice[1] && nice[1] < nice[2]);
	house_close(house);
}

static void facts_found_on_the_way_come_back(void **state)
{
	struct house *house = house_open();
	struct clip clip = clip_of("/films/short", 2);

	(void)state;
	producer_want(house->producer, &clip, 0, 1, PRODUCER_EDGE);
	while (!__atomic_load_n(&house->shorter, __ATOMIC_SEQ_CST))
		usleep(2000);
	assert_true(producer_speed(house->producer) > 1.9);
	house_close(house);
}

static void errand_done(void *context, const json_t *done, const struct err *err)
{
	assert_null(err);
	assert_string_equal(json_text(done, "text", ""), "fetch");
	ready(context, 0);
}

static void errands_are_run(void **state)
{
	struct house *house = house_open();
	struct answer answer = ANSWER;

	(void)state;
	for (int i = 0; i < 5; i++)
		producer_run(house->producer, json_pack("{s:s, s:s}", "job", "errand", "text", "fetch"), errand_done,
			     &answer);
	answer_wait(&answer, 5);
	house_close(house);
}

#define CROWD 40 /* more than there are places */

static void run_crowd(struct house *house, int ms, struct answer *answer)
{
	for (int i = 0; i < CROWD; i++) {
		producer_run_soon(house->producer, json_pack("{s:s, s:s, s:i}", "job", "errand", "text", "fetch", "ms", ms),
				  errand_done, answer);
		usleep(5000); /* so that the loop sees each one */
	}
}

static size_t workers_now(struct house *house)
{
	CLEANUP(json_cleanup) json_t *workers = producer_workers(house->producer);

	return json_array_size(workers);
}

/* Neither idle workers of other kinds nor busy ones take the last place from who waits. */
static void who_waits_finds_a_place(void **state)
{
	struct house *house = house_open();
	struct clip first = clip_of("/films/first", 60), second = clip_of("/films/second", 60), slate = clip_of("/films/s", 60);
	struct answer errands = ANSWER, live = ANSWER;
	struct err err = { 0 };

	(void)state;
	run_crowd(house, 3000, &errands);
	for (int i = 0; i < 2000 && workers_now(house) <= 30; i++)
		usleep(1000); /* a worker takes a while to begin where there is much to do */
	assert_true(workers_now(house) > 30);
	producer_wait(house->producer, &first, 3, 60000, ready, &live); /* while they are busy */
	assert_int_equal(answer_wait(&live, 1), 0);
	assert_non_null(producer_slate(house->producer, &slate.profile, 60000, &err));
	answer_wait(&errands, CROWD);
	assert_true(workers_now(house) > 30); /* they rest */
	producer_want(house->producer, &second, 0, 1, PRODUCER_PREPARE);
	wait_until_has(house->cache, &second, 0);
	producer_wait(house->producer, &second, 20, 60000, ready, &live);
	assert_int_equal(answer_wait(&live, 2), 0);
	house_close(house);
}

static void it_stops_in_the_middle(void **state)
{
	struct house *house = house_open();
	struct clip slow = clip_of("/films/slow3", 200);
	struct answer answer = ANSWER;

	(void)state;
	producer_want(house->producer, &slow, 0, 100, PRODUCER_EDGE);
	producer_wait(house->producer, &slow, 90, 60000, ready, &answer);
	producer_wait(house->producer, &slow, 99, 60000, ready, &answer);
	wait_until_has(house->cache, &slow, 0);
	house_close(house);
	assert_true(answer.count <= 2);
}

int main(int argc, char **argv)
{
	static const struct worker_handler handlers[] = {
		{ "encode", made_up_encode, NULL },
		{ "errand", made_up_errand, NULL },
		{ "slate", killed_twice_slate, NULL },
		{ 0 },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_gets_it_and_it_is_made_once),
		cmocka_unit_test(a_wish_is_made_whole_and_each_segment_once),
		cmocka_unit_test(what_is_there_is_not_made_again),
		cmocka_unit_test(a_crash_is_told_to_all_who_wait_and_the_next_clip_is_made),
		cmocka_unit_test(a_worn_worker_goes_between_two_jobs),
		cmocka_unit_test(a_worker_that_is_killed_costs_nobody_his_segment),
		cmocka_unit_test(a_slate_comes_though_its_workers_are_killed),
		cmocka_unit_test(who_waits_too_long_is_told),
		cmocka_unit_test(a_disk_that_hangs_holds_up_nobody_else),
		cmocka_unit_test(a_chip_that_hangs_is_given_up_soon),
		cmocka_unit_test(who_left_is_not_called),
		cmocka_unit_test(the_more_urgent_work_is_the_less_nice),
		cmocka_unit_test(facts_found_on_the_way_come_back),
		cmocka_unit_test(errands_are_run),
		cmocka_unit_test(who_waits_finds_a_place),
		cmocka_unit_test(it_stops_in_the_middle),
	};

	if (argc > 1 && strcmp(argv[1], "worker") == 0)
		return worker_main(3, handlers);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
