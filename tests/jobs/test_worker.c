/* Workers: the protocol, and children that crash, hang, flood, lie and eat memory. */
#include "lib/worker_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/single_threaded.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"

static struct worker *start(uint64_t memory)
{
	struct err err = { 0 };
	struct worker *worker = worker_start(&(struct worker_limits){ .memory_bytes = memory, .nice = 5 }, &err);

	if (!worker)
		fail_msg("%s", err.text);
	return worker;
}

static void ask(struct worker *worker, json_t *request)
{
	struct err err = { 0 };

	test_ok(worker_send(worker, request, &err), &err);
	json_decref(request);
}

/* Waits for the next event that is not WORKER_NOTHING. */
static enum worker_event hear(struct worker *worker, json_t **ret, struct err *err)
{
	enum worker_event event;

	while ((event = worker_receive(worker, ret, err)) == WORKER_NOTHING) {
		struct pollfd fd = { .fd = worker_fd(worker), .events = POLLIN };

		if (poll(&fd, 1, 20000) == 0)
			fail_msg("no word from the worker");
	}
	return event;
}

static void jobs_follow_each_other(void **state)
{
	struct worker *worker = start(0);
	struct err err = { 0 };
	json_t *ret;

	(void)state;
	for (int i = 0; i < 3; i++) {
		CLEANUP(json_cleanup) json_t *another = json_object();

		ask(worker, json_pack("{s:s,s:s}", "job", "echo", "text", "hello"));
		assert_true(worker_busy(worker));
		assert_int_equal(worker_send(worker, another, &err), -ERR_BUSY);
		err_clear(&err);
		assert_int_equal(hear(worker, &ret, &err), WORKER_DONE);
		assert_string_equal(json_text(ret, "text", ""), "hello");
		json_decref(ret);
		assert_false(worker_busy(worker));
	}
	ask(worker, json_pack("{s:s}", "job", "fail"));
	assert_int_equal(hear(worker, &ret, &err), WORKER_FAILED);
	assert_int_equal(err.code, ERR_MEDIA);
	assert_string_equal(err.text, "not a film ?[31m\xEF\xBF\xBD");
	err_clear(&err);
	ask(worker, json_pack("{s:s}", "job", "unheard of"));
	assert_int_equal(hear(worker, &ret, &err), WORKER_FAILED);
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	err_clear(&err);
	ask(worker, json_pack("{s:s,s:s}", "job", "bad", "how", "large"));
	assert_int_equal(hear(worker, &ret, &err), WORKER_FAILED);
	assert_int_equal(err.code, ERR_TOO_LARGE);
	worker_free(worker);
}

static void reports_come_in_order(void **state)
{
	struct worker *worker = start(0);
	struct err err = { 0 };
	json_t *ret;

	(void)state;
	ask(worker, json_pack("{s:s}", "job", "count"));
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(hear(worker, &ret, &err), WORKER_REPORT);
		assert_int_equal(json_int(ret, "n", -1), i);
		json_decref(ret);
	}
	assert_int_equal(hear(worker, &ret, &err), WORKER_DONE);
	json_decref(ret);
	worker_free(worker);
}

static void add_text(void *context, const char *text, size_t len)
{
	buf_add(context, text, len);
}

static void text_comes_in_order_to_who_hears_it(void **state)
{
	CLEANUP(buf_free) struct buf heard = { 0 };
	struct worker *worker = start(0);
	struct err err = { 0 };
	json_t *ret;

	(void)state;
	worker_on_text(worker, add_text, &heard);
	ask(worker, json_pack("{s:s}", "job", "text"));
	assert_int_equal(hear(worker, &ret, &err), WORKER_DONE);
	json_decref(ret);
	assert_int_equal(heard.len, 52);
	for (int i = 0; i < 26; i++)
		assert_int_equal(heard.data[i * 2LL], 'a' + i);
	worker_on_text(worker, NULL, NULL);
	ask(worker, json_pack("{s:s}", "job", "text"));
	assert_int_equal(hear(worker, &ret, &err), WORKER_DEAD);
	assert_non_null(strstr(err.text, "text that nobody asked for"));
	worker_free(worker);
}

/* It has the command line of this process still. */
static bool is_fork(const struct worker *worker)
{
	char path[40], text[4096] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)worker_pid(worker));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		fail_msg("no command line");
	close(fd);
	return strcmp(text, "matinee") != 0;
}

static void expect_fences(const struct worker_limits *limits, bool forks)
{
	struct worker *worker;
	struct err err = { 0 };
	json_t *ret;
	int leaked = open("/dev/null", O_RDONLY); /* not close-on-exec */
	struct rlimit core;

	getrlimit(RLIMIT_CORE, &core);
	core.rlim_cur = core.rlim_max;
	setrlimit(RLIMIT_CORE, &core);
	worker = worker_start(limits, &err);
	if (!worker)
		fail_msg("%s", err.text);
	ask(worker, json_pack("{s:s}", "job", "look"));
	assert_int_equal(hear(worker, &ret, &err), WORKER_DONE);
	assert_int_equal(is_fork(worker), forks);
	assert_int_equal(json_int(ret, "core", -1), 0);
	assert_int_equal(json_int(ret, "files", -1), 256);
	assert_int_equal(json_int(ret, "nice", -1), 5);
	assert_int_equal(json_int(ret, "io_class", -1), limits->idle_io ? IOPRIO_CLASS_IDLE : IOPRIO_CLASS_NONE);
	assert_int_equal(json_int(ret, "privileges", -1), 1);
	assert_int_equal(json_int(ret, "open", -1), 0);
	assert_int_equal(json_int(ret, "oom", -1), 1000);
	assert_true(json_flag(ret, "group", false));
	assert_string_equal(json_text(ret, "stdin", ""), "/dev/null");
	assert_non_null(strstr(json_text(ret, "nested", ""), "workers start none"));
	json_decref(ret);
	worker_free(worker);
	close(leaked);
}

static void the_child_is_fenced(void **state)
{
	(void)state;
	expect_fences(&(struct worker_limits) { .nice = 5 }, false);
	expect_fences(&(struct worker_limits) { .nice = 5, .idle_io = true }, false);
}

/* A process of one thread, and the jobs are named. */
static void a_fork_is_fenced_too(void **state)
{
	(void)state;
	if (!__libc_single_threaded)
		skip();
	expect_fences(&(struct worker_limits) { .nice = 5, .handlers = worker_fixture_handlers }, true);
}

static const struct death {
	const char *how, *sentence;
} deaths[] = {
	{ "crash", "killed by signal 11" },
	{ "flood", "broke its protocol" },
	{ "huge", "announced a message of 2147483647 bytes" },
	{ "no object", "what is not a message" },
	{ "strange", "neither event, done nor error" },
	{ "half", "in the middle of a message" },
	{ "unfit", "neither event, done nor error" }, /* after it was ready: others shall go on */
	{ "leave", "exit code 7" },
	{ "close", "closed its connection" },
};

static void deaths_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(deaths); i++) {
		struct worker *worker = start(0);
		pid_t pid = worker_pid(worker);
		CLEANUP(json_cleanup) json_t *another = json_object();
		struct err err = { 0 };
		json_t *ret;

		ask(worker, json_pack("{s:s,s:s,s:s}", "job", "bad", "how", deaths[i].how, "path", "/a/b.mkv"));
		assert_int_equal(hear(worker, &ret, &err), WORKER_DEAD);
		assert_int_equal(err.code, ERR_WORKER);
		if (!strstr(err.text, deaths[i].sentence) || !strstr(err.text, "bad '/a/b.mkv'"))
			fail_msg("%s: %s", deaths[i].how, err.text);
		assert_int_equal(worker_receive(worker, &ret, &err), WORKER_DEAD);
		assert_true(worker_send(worker, another, NULL) < 0);
		assert_true(kill(pid, 0) < 0 && errno == ESRCH);
		worker_free(worker);
	}
}

/* Before its first job a worker that lacks something ends; later only the job fails. */
static void what_a_job_needs_is_fetched_first(void **state)
{
	struct worker *worker = start(0);
	struct err err = { 0 };
	json_t *ret;

	(void)state;
	ask(worker, json_pack("{s:s}", "job", "soup"));
	assert_int_equal(hear(worker, &ret, &err), WORKER_DEAD);
	assert_string_equal(err.text, "the spoon ? is missing");
	worker_free(worker);
	err_clear(&err);
	worker = start(0);
	ask(worker, json_pack("{s:s,s:s}", "job", "echo", "text", "on"));
	assert_int_equal(hear(worker, &ret, &err), WORKER_DONE);
	json_decref(ret);
	ask(worker, json_pack("{s:s}", "job", "soup"));
	assert_int_equal(hear(worker, &ret, &err), WORKER_FAILED);
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	ask(worker, json_pack("{s:s,s:s}", "job", "echo", "text", "on"));
	assert_int_equal(hear(worker, &ret, &err), WORKER_DONE);
	json_decref(ret);
	worker_free(worker);
}

static bool limits_memory(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	return false;
#endif
#endif
	return true;
}

static void memory_is_limited(void **state)
{
	struct worker *worker = start((uint64_t)256 << 20);
	struct err err = { 0 };
	json_t *ret;

	(void)state;
	if (!limits_memory()) {
		worker_free(worker);
		skip();
	}
	ask(worker, json_pack("{s:s,s:s}", "job", "bad", "how", "memory"));
	assert_int_equal(hear(worker, &ret, &err), WORKER_DONE);
	assert_false(json_flag(ret, "got", true));
	json_decref(ret);
	worker_free(worker);
}

static void a_job_is_cancelled_and_the_next_is_not(void **state)
{
	struct worker *worker = start(0);
	struct err err = { 0 };
	json_t *ret;

	(void)state;
	worker_cancel(worker); /* idle: nothing happens */
	for (int i = 0; i < 2; i++) {
		ask(worker, json_pack("{s:s,s:s}", "job", "bad", "how", "until cancelled"));
		worker_cancel(worker);
		worker_cancel(worker);
		assert_int_equal(hear(worker, &ret, &err), WORKER_DONE);
		assert_true(json_flag(ret, "stopped", false));
		json_decref(ret);
		ask(worker, json_pack("{s:s,s:s}", "job", "echo", "text", "on"));
		assert_int_equal(hear(worker, &ret, &err), WORKER_DONE);
		json_decref(ret);
	}
	worker_free(worker);
}

/* kill -9 of a supervisor: its children go even in the middle of a job. Here a child stands for the supervisor. */
static void a_worker_ends_with_its_supervisor(void **state)
{
	int out[2];
	pid_t supervisor, pid = 0;

	(void)state;
	assert_int_equal(pipe(out), 0);
	supervisor = fork();
	if (supervisor == 0) {
		struct worker *worker = start(0);

		ask(worker, json_pack("{s:s,s:s}", "job", "bad", "how", "hang"));
		pid = worker_pid(worker);
		if (write(out[1], &pid, sizeof(pid)) != sizeof(pid))
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(out[0], &pid, sizeof(pid)), sizeof(pid));
	kill(supervisor, SIGKILL);
	close(out[1]);
	for (int i = 0; kill(pid, 0) == 0; i++) {
		char path[64], line[256] = "";
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		f = fopen(path, "re");
		if (f && fgets(line, sizeof(line), f) && strstr(line, ") Z"))
			i = -1; /* ended; nobody has collected it yet */
		if (f)
			fclose(f);
		if (i < 0)
			break;
		if (i > 2000)
			fail_msg("the worker outlives its supervisor");
		usleep(10000);
	}
	close(out[0]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fork_is_fenced_too), /* before anything starts a thread */
		cmocka_unit_test(jobs_follow_each_other),
		cmocka_unit_test(text_comes_in_order_to_who_hears_it),
		cmocka_unit_test(reports_come_in_order),
		cmocka_unit_test(the_child_is_fenced),
		cmocka_unit_test(deaths_are_told),
		cmocka_unit_test(what_a_job_needs_is_fetched_first),
		cmocka_unit_test(memory_is_limited),
		cmocka_unit_test(a_job_is_cancelled_and_the_next_is_not),
		cmocka_unit_test(a_worker_ends_with_its_supervisor),
	};

	return worker_fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
