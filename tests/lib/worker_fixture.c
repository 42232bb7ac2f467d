/* worker_fixture.c - see worker_fixture.h. */
#include "lib/worker_fixture.h"

#include <fcntl.h>
#include <linux/ioprio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/cleanup.h"
#include "jobs/worker.h"

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
	*ret_done = json_pack("{s:i,s:i,s:i,s:i,s:i,s:i,s:b,s:i,s:s,s:s}", "io_class",
			      (int)syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0) >> IOPRIO_CLASS_SHIFT, "core", (int)core.rlim_cur, "files",
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

const struct worker_handler worker_fixture_handlers[] = { { "soup", echo_job, lack }, { "echo", echo_job, NULL }, { "fail", fail_job, NULL },
						  { "count", count_job, NULL }, { "text", text_job, NULL }, { "bad", bad_job, NULL },
						  { "look", look_job, NULL }, { 0 } };

int worker_fixture_main(int argc, char **argv, const struct CMUnitTest *tests, size_t count)
{
	if (argc > 1 && strcmp(argv[1], "worker") == 0)
		return worker_main(3, worker_fixture_handlers);
	return _cmocka_run_group_tests("tests", tests, count, NULL, NULL);
}
