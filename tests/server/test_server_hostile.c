/* What hostile clients may try on a real server: it goes on for everybody else. */
#include "lib/server_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"

static const struct {
	const char *request;
	int status; /* 0: there may be no answer, and the connection may stand until it has been idle for long
		     */
} hostile[] = {
	{ "GET /media/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
	{ "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
	{ "GET /media/-1/file HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
	{ "GET /media/99999999999999999999/file HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
	{ "GET /channel/4294967303.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
	{ "GET /channel/7%00.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
	{ "GET /channel/7.m3u8 HTTP/1.1\r\n\r\n", 400 }, /* no Host */
	{ "POST /channel/7.m3u8 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405 },
	{ "BREW /channel/7.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n", 405 },
	{ "POST /api/channels HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", 413 },
	{ "POST /api/channels HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n", 0 },
	{ "GET / HTTP/9.9\r\nHost: x\r\n\r\n", 0 },
	{ "nonsense\r\n\r\n", 0 },
	{ "\r\n\r\n\r\n", 0 },
	{ "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 0 }, /* TLS */
	{ "GET /api/events", 0 },
};

static void assert_alive(const struct house *h)
{
	struct answer answer = http_ask(h, "GET", "", "/channel/7.m3u8");

	assert_int_equal(answer.status, 200);
	answer_free(&answer);
}

static void hostile_requests(void **state)
{
	struct house *h = *state;

	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		CLEANUP(buf_free) struct buf text = { 0 };
		int fd = dial(h), status = 0;

		say(fd, hostile[i].request, strlen(hostile[i].request));
		shutdown(fd, SHUT_WR);
		if (hostile[i].status)
			hear(fd, &text, 12);
		close(fd);
		status = parse(text).status;
		if (hostile[i].status && status != hostile[i].status)
			fail_msg("%s: %d", hostile[i].request, status);
	}
	assert_alive(h);
}

static void overlong_requests(void **state)
{
	struct house *h = *state;

	for (size_t len = 1900; len < 300000; len = len * 3) {
		CLEANUP(buf_free) struct buf request = { 0 };
		struct answer answer;

		buf_adds(&request, "GET /");
		for (size_t i = 0; i < len; i++)
			buf_addc(&request, 'a');
		buf_adds(&request, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
		answer = talk(h, request.data, request.len);
		if (len > 2000 && answer.status != 414 && answer.status != 0)
			fail_msg("%zu: %d", len, answer.status);
		answer_free(&answer);
		buf_reset(&request);
		buf_adds(&request, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ");
		for (size_t i = 0; i < len * 10; i++)
			buf_addc(&request, 'a');
		buf_adds(&request, "\r\n\r\n");
		answer = talk(h, request.data, request.len);
		if (len * 10 > 20000 && answer.status != 431 && answer.status != 413 && answer.status != 0)
			fail_msg("%zu: %d", len, answer.status);
		answer_free(&answer);
	}
	assert_alive(h);
}

static void two_thousand_that_say_nothing(void **state)
{
	struct house *h = *state;
	CLEANUP(cleanup_free) int *fds = calloc(2000, sizeof(int));
	struct rlimit limit;
	int count = 0;

	getrlimit(RLIMIT_NOFILE, &limit);
	for (; count < 2000 && (rlim_t)count * 2 + 200 < limit.rlim_cur; count++) {
		fds[count] = dial(h);
		if (count % 2)
			say(fds[count], "GET /api/stat", 13);
	}
	assert_alive(h);
	assert_alive(h);
	while (count > 0)
		close(fds[--count]);
}

static void one_that_reads_slowly_holds_nobody_up(void **state)
{
	struct house *h = *state;
	static const char request[] = "GET /media/1/file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	CLEANUP(buf_free) struct buf text = { 0 };
	int small = 16384, slow[8];

	for (int i = 0; i < 8; i++) {
		slow[i] = dial(h);
		setsockopt(slow[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
		say(slow[i], request, strlen(request));
	}
	assert_alive(h);
	hear(slow[0], &text, SIZE_MAX);
	assert_true(text.len > 1 << 20);
	for (int i = 0; i < 8; i++)
		close(slow[i]);
	assert_alive(h);
}

static void half_closed_and_pipelined(void **state)
{
	struct house *h = *state;
	static const char one[] = "GET /channel/7.m3u8 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	static const char three[] = "GET /channel/7.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n"
				    "GET /api/status HTTP/1.1\r\nHost: x\r\n\r\n"
				    "GET /channel/7.m3u8 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	CLEANUP(buf_free) struct buf text = { 0 };
	int fd = dial(h), answers = 0;

	say(fd, one, strlen(one));
	shutdown(fd, SHUT_WR);
	hear(fd, &text, SIZE_MAX);
	close(fd);
	assert_non_null(strstr(buf_text(&text), "#EXTM3U"));
	buf_reset(&text);
	fd = dial(h);
	say(fd, three, strlen(three));
	hear(fd, &text, SIZE_MAX);
	close(fd);
	for (const char *at = strstr(buf_text(&text), "HTTP/1.1 200"); at;
	     at = strstr(at + 1, "HTTP/1.1 200"))
		answers++;
	assert_int_equal(answers, 3);
}

/* Clients that leave while their request sleeps: for a segment that nobody can make, and for events. */
static void those_who_leave_while_they_wait(void **state)
{
	struct house *h = *state;
	CLEANUP(buf_free) struct buf request = { 0 };
	char path[200];
	long long generation, seq;

	newest_segment(h, path, sizeof(path));
	sscanf(path, "/channel/7/s/%lld/%lld.ts", &generation, &seq);
	buf_addf(&request, "GET /channel/7/s/%lld/%lld.ts HTTP/1.1\r\nHost: x\r\n\r\n", generation, seq - 60);
	for (int i = 0; i < 50; i++) {
		int fd = dial(h);

		if (i % 2)
			say(fd, "GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n", 38);
		else
			say(fd, request.data, request.len);
		if (i % 3)
			assert_alive(h);
		close(fd);
	}
	assert_alive(h);
	/* The house closes with some of them still asleep: close_house() must not hang or crash. */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_requests),
		cmocka_unit_test(overlong_requests),
		cmocka_unit_test(two_thousand_that_say_nothing),
		cmocka_unit_test(one_that_reads_slowly_holds_nobody_up),
		cmocka_unit_test(half_closed_and_pipelined),
		cmocka_unit_test(those_who_leave_while_they_wait),
	};

	return cmocka_run_group_tests(tests, open_house, close_house);
}
