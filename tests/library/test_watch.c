/* The watch by itself: the limit of watches, an overflow, roots inside roots, a mount point met twice. The
 * test is its own worker for what is polled. */
#include "lib/testlib.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "jobs/worker.h"
#include "library/watch.h"
#include "library/watch_poll.h"

struct ears {
	pthread_mutex_t lock;
	char *heard; /* "ROOT FOLDER\n".. */
	char state[200];
};

static void on_changed(void *context, int64_t root_id, const char *folder)
{
	struct ears *ears = context;
	char *more;

	pthread_mutex_lock(&ears->lock);
	if (asprintf(&more, "%s%lld %s\n", ears->heard ? ears->heard : "", (long long)root_id, folder) < 0)
		abort();
	free(ears->heard);
	ears->heard = more;
	pthread_mutex_unlock(&ears->lock);
}

static void on_state(void *context, int64_t root_id, const char *text)
{
	struct ears *ears = context;

	if (root_id != 1)
		return;
	pthread_mutex_lock(&ears->lock);
	snprintf(ears->state, sizeof(ears->state), "%s", text);
	pthread_mutex_unlock(&ears->lock);
}

static bool has(struct ears *ears, bool state, const char *text)
{
	bool found;

	pthread_mutex_lock(&ears->lock);
	found = state ? strncmp(ears->state, text, strlen(text)) == 0
		      : ears->heard && strstr(ears->heard, text);
	pthread_mutex_unlock(&ears->lock);
	return found;
}

static void wait_for(struct ears *ears, bool state, const char *text)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000000 };

	for (int i = 0; i < 1500; i++) {
		if (has(ears, state, text))
			return;
		nanosleep(&pause, NULL);
	}
	fail_msg("not heard: %s; state '%s', heard:\n%s", text, ears->state,
		 ears->heard ? ears->heard : "nothing");
}

static void make(const char *dir, const char *name)
{
	CLEANUP(cleanup_free) char *path = fs_join(dir, name);
	CLEANUP(cleanup_free) char *folder = strdup(path);
	struct err err = { 0 };

	*strrchr(folder, '/') = '\0';
	test_ok(fs_mkdirs(folder, &err), &err);
	test_ok(fs_write_atomic(path, "x", 1, &err), &err);
}

static struct watch *begin(struct ears *ears, const char *dir, unsigned limit)
{
	const struct watch_config config = {
		.limit = limit, .poll_ms = 200, .context = ears, .changed = on_changed, .state = on_state
	};
	const struct watch_root root = { 1, dir, false };
	struct watch *watch = watch_start(&config);

	pthread_mutex_init(&ears->lock, NULL);
	watch_set_roots(watch, &root, 1);
	return watch;
}

static void end(struct watch *watch, struct ears *ears)
{
	watch_stop(watch);
	free(ears->heard);
}

/* immich#15426, jellyfin#3991: past the limit the rest is polled, and it is said. */
static void past_the_limit_the_rest_is_polled(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct ears ears = { 0 };
	struct watch *watch;

	(void)state;
	for (int i = 0; i < 8; i++) {
		char name[40];

		snprintf(name, sizeof(name), "f%d/a.mkv", i);
		make(dir, name);
	}
	watch = begin(&ears, dir, 4);
	wait_for(&ears, true, "watching 4 folders, polling the rest");
	usleep(600000); /* it has looked once */
	for (int i = 0; i < 8; i++) {
		char name[40], line[40];

		snprintf(name, sizeof(name), "f%d/b.mkv", i);
		make(dir, name);
		snprintf(line, sizeof(line), "1 f%d\n", i);
		wait_for(&ears, false, line);
	}
	end(watch, &ears);
}

/* More changes than the queue holds (16,384): all of the root is to be looked at. */
static void an_overflow_means_all(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(cleanup_free) char *a = fs_join(dir, "sub/a.mkv"), *b = fs_join(dir, "sub/b.mkv");
	struct ears ears = { 0 };
	struct watch *watch;

	(void)state;
	make(dir, "sub/a.mkv");
	watch = begin(&ears, dir, 0);
	wait_for(&ears, true, "watching 2 folders");
	wait_for(&ears, false, "1 \n"); /* new roots are looked at once */
	pthread_mutex_lock(&ears.lock);
	free(ears.heard);
	ears.heard = NULL;
	/* the listener waits for this lock when it tells of the first: meanwhile the queue fills */
	for (int i = 0; i < 40000; i++)
		if (rename(i % 2 ? b : a, i % 2 ? a : b) < 0)
			fail_msg("rename");
	usleep(1200000);
	for (int i = 0; i < 40000; i++)
		if (rename(i % 2 ? b : a, i % 2 ? a : b) < 0)
			fail_msg("rename");
	pthread_mutex_unlock(&ears.lock);
	wait_for(&ears, false, "1 \n");
	make(dir, "sub/c.mkv");
	wait_for(&ears, false, "1 sub\n"); /* and it hears on */
	end(watch, &ears);
}

static void forgotten_roots_are_quiet(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(cleanup_free) char *inner = fs_join(dir, "inner");
	struct ears ears = { 0 };
	const struct watch_root both[] = { { 1, dir, false }, { 2, inner, false } };
	struct watch *watch;

	(void)state;
	make(dir, "inner/deep/a.mkv");
	watch = begin(&ears, dir, 0);
	wait_for(&ears, true, "watching 3 folders");
	watch_set_roots(watch, both, 2); /* one inside the other: its folders are its own */
	wait_for(&ears, false, "2 \n");
	make(dir, "inner/deep/b.mkv");
	wait_for(&ears, false, "2 deep\n");
	watch_set_roots(watch, both, 1);
	watch_set_roots(watch, &both[1], 1);
	usleep(700000);
	make(dir, "c.mkv");
	make(dir, "inner/d.mkv");
	wait_for(&ears, false, "2 \n");
	assert_false(has(&ears, false, "1 c"));
	end(watch, &ears);
}

int main(int argc, char **argv)
{
	static const struct worker_handler handlers[] = { { "folders", folders_job, NULL }, { 0 } };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(past_the_limit_the_rest_is_polled),
		cmocka_unit_test(an_overflow_means_all),
		cmocka_unit_test(forgotten_roots_are_quiet),
	};

	if (argc > 1 && strcmp(argv[1], "worker") == 0)
		return worker_main(3, handlers);
	log_set_level(LOG_CRITICAL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
