/* err.h - one sentence that says what went wrong, and a code that says what kind it is.
 *
 * A function that can fail takes `struct err *err` last and returns a negative number (or NULL). The
 * sentence says what was attempted, on what, why it failed, and what to do where that is known. The first
 * cause wins: a second err_set() on a filled err changes nothing; callers prepend context with err_under().
 * `err` may be NULL everywhere. Library code never logs what it also returns. */
#pragma once

#include <stddef.h>

/* name, name in JSON, HTTP status, exit code, the general sentence */
#define ERR_CODES(X) \
	X(OK, "ok", 200, 0, "done") \
	X(USAGE, "usage", 400, 2, "the request cannot be understood") \
	X(INVALID, "invalid", 422, 2, "a value is not valid") \
	X(NOT_FOUND, "not_found", 404, 1, "there is no such thing") \
	X(GONE, "gone", 410, 1, "it is no longer kept") \
	X(EXISTS, "exists", 409, 1, "it exists already") \
	X(CONFLICT, "conflict", 409, 1, "it conflicts with what is there") \
	X(DENIED, "denied", 403, 1, "that is not allowed") \
	X(TOO_LARGE, "too_large", 413, 1, "it is larger than the limit") \
	X(RANGE, "range", 416, 1, "the range cannot be satisfied") \
	X(BUSY, "busy", 503, 1, "it is busy; try again") \
	X(TIMEOUT, "timeout", 504, 1, "it took too long") \
	X(IO, "io", 500, 1, "reading or writing failed") \
	X(NO_SPACE, "no_space", 507, 1, "the disk is full") \
	X(READ_ONLY, "read_only", 403, 1, "the disk can only be read") \
	X(CACHE, "cache", 507, 1, "the cache cannot be written") \
	X(MEDIA, "media", 422, 1, "the media file cannot be used") \
	X(STORE, "store", 500, 1, "the database failed") \
	X(WORKER, "worker", 500, 1, "a worker process failed") \
	X(CRASH, "crash", 500, 1, "worker processes crashed on it") \
	X(UNSUPPORTED, "unsupported", 501, 1, "that is not supported here") \
	X(INTERNAL, "internal", 500, 1, "an internal fault")

enum err_code {
#define X(name, json, status, exit_code, text) ERR_##name,
	ERR_CODES(X)
#undef X
};

struct err {
	enum err_code code;
	char text[512]; /* one line, without control characters; bytes of names in it may be no UTF-8; "" when code is ERR_OK */
};

/* Fills err unless it holds something already. Returns -code. */
int err_set(struct err *err, enum err_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same from errno: "format: strerror(errno)"; the code is chosen from errno (ENOENT, ENOSPC, ...). */
int err_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "format: " before what err says. Returns -code. */
int err_under(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

void err_clear(struct err *err);

const char *err_name(enum err_code code);	 /* "NOT_FOUND" -> "not_found", for JSON */
const char *err_sentence(enum err_code code);	 /* the general sentence */
int err_http_status(enum err_code code);
int err_exit_code(enum err_code code);
