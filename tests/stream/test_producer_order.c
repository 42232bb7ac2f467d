/* Whose turn it is in the producer: by order of what was made, never by time. This binary is its own worker; it writes a
 * line for each segment into <cache>/made. */
#include "lib/producer_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "stream/clip_memory.h"
#include "stream/producer.h"

/* ---- the worker ---- */

static double says_speed(const char *path)
{
	return strstr(path, "fair") ? 1.5 : strstr(path, "lame") || strstr(path, "crawl") ? 0.2 : 20.0;
}

static int made_up_encode(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(cleanup_free) char *cache = json_path(request, "cache");
	struct clip clip;
	char text[128];

	if (clip_from_json(json_object_get(request, "clip"), &arena, &clip, err) < 0)
		return -(int)err->code;
	if (strstr(clip.path, "killed") && made_count(cache, "killed") < 4) {
		made_note(cache, "killed\n");
		raise(SIGKILL);
	}
	for (int64_t k = json_int(request, "from", 0); k < json_int(request, "to", 0); k++) {
		if (k >= worker_until(job))
			break;
		usleep(strstr(clip.path, "lame") || strstr(clip.path, "fair")   ? 400000 :
		       strstr(clip.path, "crawl") || strstr(clip.path, "drag") ? 2400000 :
										  30000);
		snprintf(text, sizeof(text), "%s %lld effort %lld\n", strrchr(clip.path, '/') + 1, (long long)k,
			 (long long)json_int(request, "effort", -1));
		if (strstr(clip.path, "full")) {
			int fd = clip_memory_make(text, strlen(text), err);

			if (!json_flag(request, "hold", false))
				return err_set(err, ERR_CACHE, "the disk is broken");
			worker_report(job, json_pack("{s:s, s:I, s:i, s:i}", "event", "segment", "k", (json_int_t)k, "bytes",
						     (int)strlen(text), "memory", fd));
			continue; /* it stays open until the worker ends */
		}
		if (clip_cache_write(cache, clip.key, k, text, strlen(text), err) < 0)
			return -(int)err->code;
		made_note(cache, text);
		worker_report(job, json_pack("{s:s, s:I}", "event", "segment", "k", (json_int_t)k));
	}
	*ret_done = json_pack("{s:f, s:I}", "speed", says_speed(clip.path), "true_duration_flicks",
			      (json_int_t)0);
	return 0;
}

/* ---- the house ---- */

struct house {
	struct clip_cache *cache;
	struct producer *producer;
	char *dir;
	int failed;
};

static void failed(void *context, const struct clip *clip, const struct err *err)
{
	(void)clip;
	(void)err;
	__atomic_fetch_add(&((struct house *)context)->failed, 1, __ATOMIC_SEQ_CST);
}

static struct house *house_open_in(char *dir, unsigned workers)
{
	struct house *house = calloc(1, sizeof(*house));
	struct producer_config config = { .workers = workers, .context = house, .failed = failed,
					  .limits = { .program = "/proc/self/exe" } };
	struct err err = { 0 };

	house->dir = dir;
	house->cache = clip_cache_open(house->dir, 0, &err);
	assert_non_null(house->cache);
	config.cache = house->cache;
	house->producer = producer_start(&config, &err);
	assert_non_null(house->producer);
	return house;
}

static struct house *house_open(void)
{
	return house_open_in(test_dir(), 1);
}

static void house_close(struct house *house)
{
	producer_stop(house->producer);
	clip_cache_close(house->cache);
	free(house->dir);
	free(house);
}

static int64_t now_ms(void)
{
	return clock_boot_ns() / CLOCK_MS;
}

/* Number of the line that says that; -1 none. */
static int line_of(const struct house *house, const char *text)
{
	CLEANUP(buf_free) struct buf path = { 0 }, all = { 0 };
	char *rest, *line;
	int n = 0;

	buf_addf(&path, "%s/made", house->dir);
	if (buf_read_file(&all, path.data, NULL) < 0 || !all.data)
		return -1;
	for (rest = all.data; (line = strsep(&rest, "\n")); n++)
		if (strncmp(line, text, strlen(text)) == 0)
			return n;
	return -1;
}

/* ---- the tests ---- */

static void preparing_stands_still_while_somebody_waits(void **state)
{
	struct house *house = house_open();
	struct clip later = clip_of("/films/later", 200), live = clip_of("/films/live", 20);

	(void)state;
	producer_want(house->producer, &later, 0, 20, PRODUCER_PREPARE);
	wait_until_has(house->cache, &later, 1);
	producer_want_by(house->producer, &live, 0, 8, PRODUCER_EDGE, now_ms());
	wait_until_has(house->cache, &live, 7);
	wait_until_has(house->cache, &later, 19);
	for (int first = line_of(house, "live 0 "), i = 0; i < 8; i++) {
		char text[32];

		/* One after the other, nothing between. */
		snprintf(text, sizeof(text), "live %d ", i);
		assert_int_equal(line_of(house, text), first + i);
	}
	/* It went on where it stood, and made nothing twice. */
	for (int k = 0; k < 20; k++) {
		char text[32];

		snprintf(text, sizeof(text), "later %d ", k);
		assert_int_equal(made_count(house->dir, text), 1);
	}
	house_close(house);
}

/* What prepares the very segments that somebody waits for is no help: it is nice, and it stands still. */
static void who_waits_for_what_is_prepared_gets_a_worker(void **state)
{
	struct house *house = house_open();
	struct clip later = clip_of("/films/later", 200);

	(void)state;
	producer_want(house->producer, &later, 0, 100, PRODUCER_PREPARE);
	wait_until_has(house->cache, &later, 1);
	producer_want_by(house->producer, &later, 30, 34, PRODUCER_EDGE, now_ms());
	wait_until_has(house->cache, &later, 33);
	assert_false(clip_cache_has(house->cache, later.key, 29));
	wait_until_has(house->cache, &later, 10); /* and then it is prepared */
	house_close(house);
}

static void what_is_needed_first_is_made_first(void **state)
{
	struct house *house = house_open();
	struct clip far = clip_of("/films/far", 100), near = clip_of("/films/near", 100), past = clip_of("/films/past", 100);

	(void)state;
	producer_want_by(house->producer, &past, 0, 10, PRODUCER_PAST, now_ms());
	wait_until_has(house->cache, &past, 0);
	producer_want_by(house->producer, &far, 0, 30, PRODUCER_EDGE, now_ms() + 20000);
	wait_until_has(house->cache, &far, 0); /* it took the place of the one who watches the past */
	producer_want_by(house->producer, &near, 0, 6, PRODUCER_EDGE, now_ms());
	wait_until_has(house->cache, &near, 5);
	assert_false(clip_cache_has(house->cache, far.key, 29));
	assert_false(clip_cache_has(house->cache, past.key, 9));
	wait_until_has(house->cache, &far, 29);
	wait_until_has(house->cache, &past, 9);
	assert_true(line_of(house, "near 5 ") < line_of(house, "far 10 "));
	assert_true(line_of(house, "far 29 ") < line_of(house, "past 9 "));
	house_close(house);
}

static void told(void *context, int rc)
{
	(void)context;
	(void)rc;
}

/* Six wait for the past, at one worker: what a live channel needs now goes before all but the segment that is being made. */
static void a_live_edge_goes_before_who_waits_in_the_past(void **state)
{
	struct house *house = house_open();
	struct clip edge = clip_of("/films/edge", 2), past[6];
	char names[6][32];
	int before = 0;

	(void)state;
	for (int i = 0; i < 6; i++) {
		snprintf(names[i], sizeof(names[i]), "/films/fair %d", i);
		past[i] = clip_of(names[i], 20);
		producer_wait_past(house->producer, &past[i], 0, 60000, told, NULL);
	}
	producer_want_by(house->producer, &edge, 0, 1, PRODUCER_EDGE, now_ms());
	wait_until_has(house->cache, &edge, 0);
	for (int i = 0; i < 6; i++)
		before += clip_cache_has(house->cache, past[i].key, 0);
	assert_true(before < 3);
	for (int i = 0; i < 6; i++)
		wait_until_has(house->cache, &past[i], 0); /* then they get theirs */
	house_close(house);
}

/* More of the past is needed than can be made: it is made with less effort, live edges are not. */
static void the_past_costs_live_channels_no_effort(void **state)
{
	struct house *house = house_open();
	struct clip edge = clip_of("/films/edge", 60), drag = clip_of("/films/drag past", 200);

	(void)state;
	producer_want_by(house->producer, &drag, 0, 15, PRODUCER_PAST, now_ms() + 100);
	while (!made_count(house->dir, "effort 1"))
		usleep(2000);
	producer_want_by(house->producer, &edge, 0, 3, PRODUCER_EDGE, now_ms() + 5000);
	wait_until_has(house->cache, &edge, 2);
	assert_true(line_of(house, "edge 0 effort 0") >= 0);
	assert_int_equal(producer_effort(house->producer), 0);
	house_close(house);
}

/* What is prepared, too: one job may be an hour long. */
static void what_airs_first_is_prepared_first(void **state)
{
	struct house *house = house_open();
	struct clip later = clip_of("/films/evening", 400), sooner = clip_of("/films/noon", 40);

	(void)state;
	producer_want_by(house->producer, &later, 0, 100, PRODUCER_PREPARE, now_ms() + 7200000);
	wait_until_has(house->cache, &later, 2);
	producer_want_by(house->producer, &sooner, 0, 10, PRODUCER_PREPARE, now_ms() + 600000);
	wait_until_has(house->cache, &later, 60);
	assert_true(line_of(house, "noon 9 ") >= 0);
	assert_true(line_of(house, "noon 9 ") < line_of(house, "evening 60 "));
	house_close(house);
}

static void a_killed_worker_is_not_the_clips_fault(void **state)
{
	struct house *house = house_open();
	struct clip clip = clip_of("/films/killed", 20);

	(void)state;
	producer_want(house->producer, &clip, 0, 2, PRODUCER_EDGE);
	wait_until_has(house->cache, &clip, 1);
	assert_int_equal(made_count(house->dir, "killed\n"), 4);
	assert_int_equal(house->failed, 0);
	house_close(house);
}

static void too_slow_is_made_with_less_effort(void **state)
{
	struct house *house = house_open();
	struct clip lame = clip_of("/films/lame", 400), quick = clip_of("/films/quick", 2);

	(void)state;
	assert_int_equal(producer_effort(house->producer), PROFILE_EFFORT_FULL);
	producer_want(house->producer, &lame, 0, 1, PRODUCER_EDGE); /* teaches it how slow it is */
	while (producer_speed(house->producer) <= 0)
		usleep(2000);
	while (producer_effort(house->producer) < PROFILE_EFFORT_SMALLER) {
		producer_want_by(house->producer, &lame, 20, 190, PRODUCER_EDGE, now_ms() + 1000);
		usleep(20000);
	}
	while (!made_count(house->dir, "effort 2"))
		usleep(2000);
	assert_true(line_of(house, "lame 0 effort 0") == 0);
	/* When all is there, back to full effort. */
	for (int64_t k = 20; k < 190; k++)
		clip_cache_write(house->dir, lame.key, k, "x", 1, NULL), clip_cache_note(house->cache, lame.key, k);
	while (producer_effort(house->producer) != PROFILE_EFFORT_FULL)
		usleep(20000);
	producer_want(house->producer, &quick, 0, 1, PRODUCER_EDGE);
	wait_until_has(house->cache, &quick, 0);
	assert_true(line_of(house, "quick 0 effort 0") > 0);
	house_close(house);
}

/* The first job of a channel is long when there is too much to do: it is not waited for. */
static void a_job_says_so_while_it_runs(void **state)
{
	struct house *house = house_open();
	struct clip crawl = clip_of("/films/crawl", 400);

	(void)state;
	while (producer_effort(house->producer) < PROFILE_EFFORT_LESS) {
		producer_want_by(house->producer, &crawl, 0, 100, PRODUCER_EDGE, now_ms() + 1000);
		assert_true(producer_speed(house->producer) <= 0); /* none has ended */
		usleep(20000);
	}
	while (!made_count(house->dir, "effort 2"))
		usleep(2000);
	house_close(house);
}

/* Eight workers, of which one can be on the clip: the seven others make it no quicker. */
static void workers_that_rest_are_no_help(void **state)
{
	struct house *house = house_open_in(test_dir(), 8);
	struct clip crawl = clip_of("/films/crawl", 400);
	int64_t until_ms = now_ms() + 60000;

	(void)state;
	while (producer_effort(house->producer) < PROFILE_EFFORT_LESS && now_ms() < until_ms) {
		producer_want_by(house->producer, &crawl, 0, 100, PRODUCER_EDGE, now_ms() + 1000);
		usleep(20000);
	}
	assert_true(producer_effort(house->producer) >= PROFILE_EFFORT_LESS);
	assert_int_equal(made_count(house->dir, "crawl 20 "), 0);
	house_close(house);
}

/* Eight clips are no more than eight workers can make, at a speed at which one clip is; sixteen are. */
static void all_workers_are_counted_for_many_clips(void **state)
{
	struct house *house = house_open_in(test_dir(), 8);
	struct clip clips[16];
	int64_t until_ms;
	char name[32];

	(void)state;
	for (int i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "/films/fair %d", i);
		clips[i] = clip_of(strdup(name), 400);
	}
	producer_want(house->producer, &clips[0], 0, 1, PRODUCER_EDGE); /* teaches it how fast that is */
	while (producer_speed(house->producer) <= 0)
		usleep(2000);
	for (until_ms = now_ms() + 2500; now_ms() < until_ms; usleep(20000)) {
		for (int i = 0; i < 8; i++)
			producer_want_by(house->producer, &clips[i], 20, 190, PRODUCER_EDGE, now_ms() + 1000);
		assert_int_equal(producer_effort(house->producer), PROFILE_EFFORT_FULL);
	}
	for (until_ms = now_ms() + 60000; !producer_effort(house->producer) && now_ms() < until_ms; usleep(20000))
		for (int i = 0; i < 16; i++)
			producer_want_by(house->producer, &clips[i], 20, 190, PRODUCER_EDGE, now_ms() + 1000);
	assert_true(producer_effort(house->producer) >= PROFILE_EFFORT_LESS);
	house_close(house);
	for (int i = 0; i < 16; i++)
		free((char *)(uintptr_t)clips[i].path);
}

/* The disk takes nothing: who waits gets it from memory, and preparing rests. */
static void a_full_disk_is_no_reason_to_wait(void **state)
{
	struct house *house = house_open();
	struct clip clip = clip_of("/films/full", 20), later = clip_of("/films/full later", 20);
	struct clip_cache_totals totals;
	struct clip good = clip_of("/films/good", 20);
	char text[64] = "", why[CLIP_CACHE_WHY_SIZE];
	int64_t len;
	int fd;

	(void)state;
	assert_false(clip_cache_refuses(house->cache, why));
	producer_want(house->producer, &later, 0, 2, PRODUCER_PREPARE);
	do {
		usleep(2000);
		totals = clip_cache_totals(house->cache);
	} while (!totals.write_errors);
	assert_true(clip_cache_refuses(house->cache, why));
	assert_string_equal(why, "the disk is broken");
	assert_false(producer_gave_up(house->producer, later.key));
	assert_int_equal(totals.memory_bytes, 0);
	producer_want(house->producer, &clip, 3, 5, PRODUCER_EDGE);
	wait_until_has(house->cache, &clip, 4);
	fd = clip_cache_get(house->cache, clip.key, 3, &len, NULL);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, text, sizeof(text) - 1, 0), len);
	assert_string_equal(text, "full 3 effort 0\n");
	close(fd);
	totals = clip_cache_totals(house->cache);
	assert_true(totals.write_errors >= 3 && totals.memory_bytes >= 2 * len);
	assert_int_equal(totals.segments, 0);
	assert_int_equal(house->failed, 0);
	assert_false(clip_cache_has(house->cache, later.key, 0));
	producer_want(house->producer, &good, 0, 1, PRODUCER_EDGE); /* it takes this one */
	wait_until_has(house->cache, &good, 0);
	assert_false(clip_cache_refuses(house->cache, NULL));
	house_close(house);
}

/* 'T' stopped, 'Z' or 0: gone. */
static char state_of(int pid)
{
	char path[40], text[256] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return strrchr(text, ')') ? strrchr(text, ')')[2] : 0;
}

/* A house of its own, in which something prepares and stands still; tells who. Ends by being killed. */
_Noreturn static void house_to_be_killed(char *dir, int tell)
{
	struct house *house = house_open_in(dir, 1);
	struct clip later = clip_of("/films/later", 200), live = clip_of("/films/lame", 200);
	int pid = 0;

	producer_want(house->producer, &later, 0, 90, PRODUCER_PREPARE);
	wait_until_has(house->cache, &later, 0);
	producer_want_by(house->producer, &live, 0, 90, PRODUCER_EDGE, now_ms());
	while (state_of(pid) != 'T') {
		json_t *list = producer_workers(house->producer), *one;
		size_t i;

		json_array_foreach(list, i, one) if (strcmp(json_text(one, "job", ""), "prepare") == 0)
			pid = (int)json_int(one, "pid", 0);
		json_decref(list);
		usleep(2000);
	}
	if (write(tell, &pid, sizeof(pid)) < 0)
		_exit(1);
	for (;;)
		pause();
}

/* A worker that was stopped does not outlive the server: the kernel wakes what stands still in a group without a parent. */
static void a_stopped_worker_ends_with_its_server(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	int ends[2], pid = 0;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0)
		house_to_be_killed(dir, ends[1]);
	assert_int_equal(read(ends[0], &pid, sizeof(pid)), sizeof(pid));
	assert_true(pid > 1);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	for (int i = 0; i < 5000 && state_of(pid) && state_of(pid) != 'Z'; i++)
		usleep(2000);
	assert_true(!state_of(pid) || state_of(pid) == 'Z');
	close(ends[0]);
	close(ends[1]);
}

int main(int argc, char **argv)
{
	static const struct worker_handler handlers[] = {
		{ "encode", made_up_encode, NULL },
		{ 0 },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(preparing_stands_still_while_somebody_waits),
		cmocka_unit_test(who_waits_for_what_is_prepared_gets_a_worker),
		cmocka_unit_test(what_is_needed_first_is_made_first),
		cmocka_unit_test(a_live_edge_goes_before_who_waits_in_the_past),
		cmocka_unit_test(the_past_costs_live_channels_no_effort),
		cmocka_unit_test(what_airs_first_is_prepared_first),
		cmocka_unit_test(a_killed_worker_is_not_the_clips_fault),
		cmocka_unit_test(too_slow_is_made_with_less_effort),
		cmocka_unit_test(a_job_says_so_while_it_runs),
		cmocka_unit_test(workers_that_rest_are_no_help),
		cmocka_unit_test(all_workers_are_counted_for_many_clips),
		cmocka_unit_test(a_full_disk_is_no_reason_to_wait),
		cmocka_unit_test(a_stopped_worker_ends_with_its_server),
	};

	if (argc > 1 && strcmp(argv[1], "worker") == 0)
		return worker_main(3, handlers);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
