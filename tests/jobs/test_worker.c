/* Workers: the protocol, and children that crash, hang, flood, lie and eat memory. This binary is its own child. */
#include "lib/testlib.h"

#include <errno.h>
#include <fcntl.h>
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
#include "jobs/worker.h"

/* ---- the child ---- */

static void send_bytes(const void *data, size_t len)
{
	if (send(3, data, len, MSG_NOSIGNAL) < 0)
		_exit(9);
}

static int echo_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	(void)job;
	(void)err;
	*ret_done = json_pack("{s:O}", "text", json_object_get(request, "text"));
	return 0;
}

static int fail_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	(void)job;
	(void)request;
	(void)ret_done;
	return err_set(err, ERR_MEDIA, "not a film \x1b[31m\xff");
}

static int count_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	(void)request;
	(void)ret_done;
	(void)err;
	for (int i = 0; i < 1000; i++)
		worker_report(job, json_pack("{s:s,s:i}", "event", "count", "n", i));
	return 0;
}

static int text_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	char text[] = "a\n";

	(void)request;
	(void)ret_done;
	(void)err;
	for (; *text <= 'z'; ++*text)
		worker_report_text(job, text, 2);
	return 0;
}

static int bad_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	const char *how = json_text(request, "how", "");

	(void)err;
	if (strcmp(how, "crash") == 0) {
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
	} else if (strcmp(how, "hang") == 0) {
		for (;;)
			pause();
	} else if (strcmp(how, "flood") == 0) {
		for (;;)
			send_bytes("\x10\0\0\0garbage garbage garbage", 27);
	} else if (strcmp(how, "huge") == 0) {
		send_bytes("\xff\xff\xff\x7f{\"done\":{}}", 15);
		pause();
	} else if (strcmp(how, "no object") == 0) {
		send_bytes("\x02\0\0\0[]", 6);
		pause();
	} else if (strcmp(how, "strange") == 0) {
		send_bytes("\x02\0\0\0{}", 6);
		pause();
	} else if (strcmp(how, "half") == 0) {
		send_bytes("\x20\0\0\0{\"done\":", 12);
		_exit(0);
	} else if (strcmp(how, "unfit") == 0) {
		send_bytes("\x11\0\0\0{\"unfit\":\"never\"}", 21);
		pause();
	} else if (strcmp(how, "leave") == 0) {
		_exit(7);
	} else if (strcmp(how, "close") == 0) {
		shutdown(3, SHUT_WR);
		for (;;)
			pause();
	} else if (strcmp(how, "memory") == 0) {
		char *p = malloc((size_t)1 << 30);

		*ret_done = json_pack("{s:b}", "got", p != NULL);
		free(p);
	} else if (strcmp(how, "large") == 0) {
		char *text = malloc((size_t)5 << 20);

		memset(text, 'x', ((size_t)5 << 20) - 1);
		text[((size_t)5 << 20) - 1] = '\0';
		*ret_done = json_pack("{s:s}", "text", text);
		free(text);
	} else if (strcmp(how, "until cancelled") == 0) {
		while (!worker_cancelled(job))
			usleep(1000);
		*ret_done = json_pack("{s:b}", "stopped", 1);
	}
	return 0;
}

/* What the child was given. */
static int look_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	struct rlimit core, files;
	char adjust[16] = "", null[64] = "";
	int fd = open("/proc/self/oom_score_adj", O_RDONLY), open_files = 0;
	struct err refused = { 0 };
	struct worker *nested = worker_start(NULL, &refused);

	(void)job;
	(void)request;
	worker_free(nested);
	if (fd < 0 || read(fd, adjust, sizeof(adjust) - 1) < 0 ||
	    readlink("/proc/self/fd/0", null, sizeof(null) - 1) < 0)
		return err_errno(err, "look");
	close(fd);
	for (int i = 4; i < 200; i++)
		open_files += fcntl(i, F_GETFD) >= 0;
	getrlimit(RLIMIT_CORE, &core);
	getrlimit(RLIMIT_NOFILE, &files);
	*ret_done = json_pack("{s:i,s:i,s:i,s:i,s:i,s:b,s:i,s:s,s:s}", "core", (int)core.rlim_cur, "files",
			      (int)files.rlim_cur, "nice", getpriority(PRIO_PROCESS, 0), "privileges",
			      prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), "open", open_files, "group",
			      getpgrp() == getpid(), "oom", atoi(adjust), "stdin", null,
			      "nested", nested ? "started" : refused.text);
	return 0;
}

static int lack(struct err *err)
{
	return err_set(err, ERR_UNSUPPORTED, "the spoon \x1b is missing");
}

static const struct worker_handler handlers[] = { { "soup", echo_job, lack }, { "echo", echo_job, NULL }, { "fail", fail_job, NULL },
						  { "count", count_job, NULL }, { "text", text_job, NULL }, { "bad", bad_job, NULL },
						  { "look", look_job, NULL }, { 0 } };

/* ---- the supervisor ---- */

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
	assert_string_equal(err.text, "not a film  [31m\xEF\xBF\xBD");
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
}

/* A process of one thread, and the jobs are named. */
static void a_fork_is_fenced_too(void **state)
{
	(void)state;
	if (!__libc_single_threaded)
		skip();
	expect_fences(&(struct worker_limits) { .nice = 5, .handlers = handlers }, true);
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
	assert_string_equal(err.text, "the spoon   is missing");
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

/* ---- batches ---- */

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
	assert_string_equal(err.text, "workers cannot run: the spoon   is missing");
	assert_int_equal(b.failed + b.done + b.timeouts, 0);
	assert_int_equal(b.stopped, b.at);
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
		cmocka_unit_test(a_batch_survives_its_workers),
		cmocka_unit_test(an_empty_batch_starts_nothing),
		cmocka_unit_test(a_batch_is_cancelled),
		cmocka_unit_test(a_program_that_cannot_run_blames_no_job),
		cmocka_unit_test(what_all_workers_lack_blames_no_job),
	};

	if (argc > 1 && strcmp(argv[1], "worker") == 0)
		return worker_main(3, handlers);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
