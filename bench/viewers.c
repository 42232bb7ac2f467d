/* viewers.c - many people watching live: HLS viewers who fetch playlist and segments as players do, and
 * viewers of the continuous stream; says what came late.
 *
 *     viewers PORT CHANNELS HLS TS SECONDS
 *
 * Viewer i watches channel 1 + i % CHANNELS. An HLS viewer asks for the playlist every 2 s, then for the
 * segments that he has not; a segment is late when it is not whole 2 s (a segment's length) after it was
 * asked for, or is slate in place of one that was late (no-store). A TS viewer's stream is late when nothing
 * came for 4 s. Prints one line: playlists, segments, bytes, late segments, slate segments, TS bytes, TS
 * stalls, and the median, 99th percentile and maximum of playlists and of segments in us. One thread, epoll;
 * bounded by SECONDS. An answer other than 200 or 503 ends it with an error. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

enum { BODY_MAX = 1 << 18, TEXT_MAX = 1 << 14, TIMES_MAX = 1 << 20, LATE_S = 2, STALL_S = 4 };

struct viewer {
	int fd, channel;
	bool ts, waiting, playlist;	 /* waiting: for an answer; playlist: for that one */
	int64_t asked_ns, next_ns, left; /* left: of the body, -1 in the head */
	char text[TEXT_MAX];		 /* head, then a playlist's body */
	size_t have;
	long last, newest; /* segment number fetched; of the playlist */
	char prefix[64];
	int64_t heard_ns;
	bool stalled;
};

struct times {
	float *us;
	size_t count;
};

static struct times playlists, segments;
static int64_t bytes, ts_bytes;
static long late, slate, stalls, busy;
static char scratch[BODY_MAX];

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static void fail(const char *what)
{
	fprintf(stderr, "viewers: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void count(struct times *times, int64_t ns)
{
	if (times->count < TIMES_MAX)
		times->us[times->count++] = (float)ns / 1000;
}

static void ask(struct viewer *v, const char *path)
{
	char text[256];
	int n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);

	v->have = 0;
	v->left = -1;
	v->waiting = true;
	v->asked_ns = now_ns();
	if (write(v->fd, text, (size_t)n) != n)
		fail("write");
}

static void ask_playlist(struct viewer *v)
{
	char path[64];

	snprintf(path, sizeof(path), "/channel/%d.m3u8", v->channel);
	v->playlist = true;
	v->next_ns = now_ns() + 2 * SECOND;
	ask(v, path);
}

static void ask_segment(struct viewer *v)
{
	char path[128];

	if (v->last >= v->newest)
		return;
	snprintf(path, sizeof(path), "%s%ld.ts", v->prefix, ++v->last);
	v->playlist = false;
	ask(v, path);
}

/* Takes generation and newest number from a playlist; a viewer begins three segments before its end. */
static void read_playlist(struct viewer *v)
{
	char *last = NULL, *line = v->text, *slash;

	while ((line = strstr(line, "\n/channel/"))) {
		last = ++line;
	}
	if (!last)
		return;
	last[strcspn(last, "\n")] = '\0';
	slash = strrchr(last, '/');
	snprintf(v->prefix, sizeof(v->prefix), "%.*s", (int)(slash - last + 1), last);
	v->newest = atol(slash + 1);
	if (!v->last)
		v->last = v->newest - 3;
}

static void answered(struct viewer *v)
{
	int64_t took = now_ns() - v->asked_ns;

	v->waiting = false;
	if (v->playlist) {
		count(&playlists, took);
		read_playlist(v);
	} else {
		count(&segments, took);
		late += took > LATE_S * SECOND;
	}
	ask_segment(v);
}

static void read_head(struct viewer *v)
{
	ssize_t n = read(v->fd, v->text + v->have, sizeof(v->text) - 1 - v->have);
	char *end, *length;

	if (n <= 0)
		fail("the server closed");
	v->have += (size_t)n;
	v->text[v->have] = '\0';
	end = strstr(v->text, "\r\n\r\n");
	if (!end)
		return;
	*end = '\0';
	if (strncmp(v->text + 9, "200", 3) != 0 && strncmp(v->text + 9, "503", 3) != 0) {
		fprintf(stderr, "viewers: channel %d: %s\n", v->channel, v->text);
		exit(1);
	}
	busy += v->text[9] == '5';
	v->heard_ns = now_ns();
	if (v->ts) {
		v->left = INT64_MAX;
		return;
	}
	length = strcasestr(v->text, "\r\ncontent-length:");
	slate += !v->playlist && strcasestr(v->text, "no-store");
	v->left = (length ? atoll(length + 17) : 0);
	bytes += v->left;
	n = (ssize_t)(v->text + v->have - (end + 4));
	v->left -= n;
	memmove(v->text, end + 4, (size_t)n + 1); /* what came of the body already */
	v->have = (size_t)n;
	if (v->left <= 0)
		answered(v);
}

static void read_body(struct viewer *v)
{
	bool keep = v->playlist && !v->ts && v->have + 1 < sizeof(v->text);
	ssize_t n = keep ? recv(v->fd, v->text + v->have, sizeof(v->text) - 1 - v->have, 0)
			 : recv(v->fd, scratch, sizeof(scratch), MSG_TRUNC);

	if (n <= 0)
		fail("the server closed in a body");
	v->heard_ns = now_ns();
	v->stalled = false;
	if (v->ts) {
		ts_bytes += n;
		return;
	}
	if (keep) {
		v->have += (size_t)n;
		v->text[v->have] = '\0';
	}
	v->left -= n;
	if (v->left <= 0)
		answered(v);
}

static void look(struct viewer *v, int64_t now)
{
	if (v->ts) {
		if (!v->stalled && now - v->heard_ns > STALL_S * SECOND) {
			v->stalled = true;
			stalls++;
		}
	} else if (!v->waiting && now >= v->next_ns) {
		ask_playlist(v);
	} else if (v->waiting && !v->playlist && now - v->asked_ns > 30 * SECOND) {
		errno = ETIMEDOUT;
		fail("a segment that never came");
	}
}

static void start(struct viewer *v, const struct sockaddr_in *to, int poll, int64_t spread)
{
	struct epoll_event event = { .events = EPOLLIN, .data = { .ptr = v } };
	char path[64];
	int one = 1;

	v->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(v->fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
		fail("connect");
	setsockopt(v->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	epoll_ctl(poll, EPOLL_CTL_ADD, v->fd, &event);
	v->heard_ns = now_ns();
	v->next_ns = v->heard_ns + spread; /* people do not come at the same instant */
	snprintf(path, sizeof(path), "/channel/%d.ts", v->channel);
	if (v->ts)
		ask(v, path);
}

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static void print_times(struct times *t)
{
	qsort(t->us, t->count, sizeof(*t->us), by_value);
	printf(" %.1f %.1f %.1f", t->count ? t->us[t->count / 2] : 0,
	       t->count ? t->us[t->count * 99 / 100] : 0, t->count ? t->us[t->count - 1] : 0);
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct epoll_event events[128];
	int poll = epoll_create1(0), hls, all;
	struct viewer *viewers;
	int64_t end, looked = 0;

	if (argc != 6) {
		fputs("usage: viewers PORT CHANNELS HLS TS SECONDS\n", stderr);
		return 2;
	}
	to.sin_port = htons((uint16_t)atoi(argv[1]));
	hls = atoi(argv[3]);
	all = hls + atoi(argv[4]);
	viewers = calloc((size_t)all, sizeof(*viewers));
	playlists.us = calloc(TIMES_MAX, sizeof(float));
	segments.us = calloc(TIMES_MAX, sizeof(float));
	if (!viewers || !playlists.us || !segments.us)
		fail("memory");
	for (int i = 0; i < all; i++) {
		viewers[i].channel = 1 + i % atoi(argv[2]);
		viewers[i].ts = i >= hls;
		start(&viewers[i], &to, poll, SECOND * 2 * i / all);
	}
	end = now_ns() + (int64_t)(atof(argv[5]) * 1e9);
	while (now_ns() < end) {
		int n = epoll_wait(poll, events, 128, 10);

		for (int i = 0; i < n; i++) {
			struct viewer *v = events[i].data.ptr;

			if (v->left < 0)
				read_head(v);
			else
				read_body(v);
		}
		if (now_ns() - looked > SECOND / 100) {
			looked = now_ns();
			for (int i = 0; i < all; i++)
				look(&viewers[i], looked);
		}
	}
	for (int i = 0; i < all; i++) /* asked for and still not there */
		late += viewers[i].waiting && !viewers[i].playlist && !viewers[i].ts &&
			now_ns() - viewers[i].asked_ns > LATE_S * SECOND;
	printf("%zu %zu %lld %ld %ld %lld %ld %ld", playlists.count, segments.count, (long long)bytes, late,
	       slate, (long long)ts_bytes, stalls, busy);
	print_times(&playlists);
	print_times(&segments);
	putchar('\n');
	return segments.count ? 0 : 1;
}
