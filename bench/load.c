/* load.c - asks one HTTP server for paths over keep-alive connections, as fast as it answers.
 *
 *     load PORT CONNECTIONS SECONDS PATH [PATH...]
 *
 * Prints: requests, bytes of bodies, seconds, and the median, 99th percentile and maximum of the answer times in us.
 * One thread, epoll; answers must have a Content-Length. An answer other than 200 ends it with an error. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BODY_MAX = 1 << 18, TIMES_MAX = 4000000 };

struct connection {
	int fd;
	int64_t asked_ns, left; /* bytes of the body still to come; -1 while in the head */
	char head[4096];
	size_t have;
};

static const char *const *paths;
static int path_count;
static unsigned next_path;
static float *times;
static int64_t requests, bytes;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void ask(struct connection *c)
{
	char text[2048];
	int n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", paths[next_path++ % (unsigned)path_count]);

	c->have = 0;
	c->left = -1;
	c->asked_ns = now_ns();
	if (write(c->fd, text, (size_t)n) != n)
		fail("write");
}

static void answered(struct connection *c)
{
	if (requests < TIMES_MAX)
		times[requests] = (float)(now_ns() - c->asked_ns) / 1000;
	requests++;
	ask(c);
}

static void read_head(struct connection *c)
{
	ssize_t n = read(c->fd, c->head + c->have, sizeof(c->head) - 1 - c->have);
	const char *end, *length;

	if (n <= 0)
		fail("the server closed");
	c->have += (size_t)n;
	c->head[c->have] = '\0';
	end = strstr(c->head, "\r\n\r\n");
	if (!end) {
		if (c->have == sizeof(c->head) - 1)
			fail("a head without end");
		return;
	}
	length = strcasestr(c->head, "\r\ncontent-length:");
	if (strncmp(c->head + 9, "200", 3) != 0 || !length || length > end) {
		fprintf(stderr, "load: %.*s\n", (int)(end - c->head), c->head);
		exit(1);
	}
	c->left = atoll(length + 17);
	bytes += c->left;
	c->left -= (int64_t)c->have - (end + 4 - c->head);
	if (c->left <= 0)
		answered(c);
}

static void read_body(struct connection *c, char *scratch)
{
	ssize_t n = recv(c->fd, scratch, BODY_MAX, MSG_TRUNC);

	if (n <= 0)
		fail("the server closed in a body");
	c->left -= n;
	if (c->left <= 0)
		answered(c);
}

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct epoll_event events[64];
	struct connection *all;
	int poll = epoll_create1(0), count, one = 1;
	char *scratch = malloc(BODY_MAX);
	int64_t start, end;
	size_t known;

	if (argc < 5) {
		fputs("usage: load PORT CONNECTIONS SECONDS PATH...\n", stderr);
		return 2;
	}
	to.sin_port = htons((uint16_t)atoi(argv[1]));
	count = atoi(argv[2]);
	paths = (const char *const *)argv + 4;
	path_count = argc - 4;
	times = calloc(TIMES_MAX, sizeof(*times));
	all = calloc((size_t)count, sizeof(*all));
	if (!scratch || !times || !all)
		fail("memory");
	start = now_ns();
	end = start + (int64_t)(atof(argv[3]) * 1e9);
	for (int i = 0; i < count; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data = { .ptr = &all[i] } };

		all[i].fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(all[i].fd, (struct sockaddr *)&to, sizeof(to)) < 0)
			fail("connect");
		setsockopt(all[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		epoll_ctl(poll, EPOLL_CTL_ADD, all[i].fd, &event);
		ask(&all[i]);
	}
	while (now_ns() < end) {
		int n = epoll_wait(poll, events, 64, 1000);

		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;

			if (c->left < 0)
				read_head(c);
			else
				read_body(c, scratch);
		}
	}
	end = now_ns();
	known = (size_t)(requests < TIMES_MAX ? requests : TIMES_MAX);
	qsort(times, known, sizeof(*times), by_value);
	printf("%lld %lld %.3f %.1f %.1f %.1f\n", (long long)requests, (long long)bytes, (double)(end - start) / 1e9,
	       known ? times[known / 2] : 0, known ? times[known * 99 / 100] : 0, known ? times[known - 1] : 0);
	return requests ? 0 : 1;
}
