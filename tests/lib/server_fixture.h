/* server_fixture.h - a real server on a free port over a store with rows and prepared segments, and a client of raw
 * sockets, so that every byte is ours. */
#pragma once

#include "lib/station_fixture.h"

#include "base/buf.h"
#include "server/server.h"

struct house {
	struct station_fixture f;
	struct server *server;
	int port;
	int64_t channel_id, movie, film_file;
	char *videos;
};

/* For cmocka_run_group_tests(). */
int open_house(void **state);
int close_house(void **state);

struct answer {
	struct buf text; /* all of it */
	int status;
	const char *body;
	size_t body_len;
};
struct answer parse(struct buf text); /* taken */
void answer_free(struct answer *answer);

int dial(const struct house *h);
void say(int fd, const char *text, size_t len);
void hear(int fd, struct buf *to, size_t enough);
struct answer talk(const struct house *h, const char *request, size_t len);
struct answer http_ask(const struct house *h, const char *method, const char *headers, const char *path, ...)
	__attribute__((format(printf, 4, 5)));
bool has_header(const struct answer *answer, const char *line);
void header_of(const struct answer *answer, const char *name, char *to, size_t size);

/* The path of the newest segment in the playlist. */
void newest_segment(const struct house *h, char *to, size_t size);
/* A file for /media: 1 MiB of bytes that tell their place. */
void film(struct house *h);
