/* http.h - one request from its first byte to its last, over libmicrohttpd. Only this module, waits.c and the
 * handlers know that library; nothing below server/ knows HTTP.
 *
 * A handler (router.h) gives exactly one answer by an http_answer_*() function and returns 0; or fails with
 * err, which becomes a JSON error; or suspends the request and returns HTTP_LATER: then req->again is called
 * when it is resumed, on the connection's thread. Handlers never block, except those that the router sends to
 * a pool. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "server/waits.h"

#define HTTP_LATER 1
#define HTTP_PARAMS 4
#define HTTP_BODY_MAX ((size_t)1 << 20)

/* What a reader returns besides a count of bytes. */
#define HTTP_READ_END ((ssize_t)-1)
#define HTTP_READ_FAILED ((ssize_t)-2)

struct MHD_Response;
struct pool;
struct route;
struct server;
struct http_request;

typedef int http_handler(struct http_request *req, struct err *err);

/* Gives the next bytes of a body, or suspends the request and returns 0. */
typedef ssize_t http_reader(struct http_request *req, uint64_t pos, char *to, size_t max);

struct http_request {
	struct server *server;
	const struct route *route;
	const char *method, *path, *query; /* in the arena; the path decoded */
	int64_t param[HTTP_PARAMS];	   /* numbers in the path, in order */
	struct arena arena;
	struct buf body;
	http_handler *again; /* after a suspension */
	void *state;	     /* the handler's; state_free() is called when the request has ended */
	void (*state_free)(void *state);
	struct wait_node wait;
	/* http.c's own */
	char *target;
	http_handler *work;
	http_reader *reader;
	struct MHD_Response *response;
	unsigned status;
	size_t body_len; /* of an answer from memory */
	bool begun, too_large, shared, queued;
};

struct http;

struct http_config {
	struct server *server;
	int listen_fd; /* taken */
	unsigned threads, connections;
};

struct http *http_start(const struct http_config *config, struct err *err);

/* First step: no new connections. Then end the pools and the waits. Second step: ends the rest and frees. */
void http_quiesce(struct http *http);
void http_stop(struct http *http); /* NULL is fine */

/* ---- what handlers use ---- */

const char *http_in_header(struct http_request *req, const char *name); /* NULL when absent */
uint64_t http_client(struct http_request *req); /* a hash of address and program: tells viewers apart */

/* "http://host:port" as the client sees us: server.base_url, what a proxy on this machine says, or the Host. */
const char *http_base_url(struct http_request *req);

/* Parameters of the query; the fallback when absent. ERR_USAGE. Times: RFC 3339 or ms since 1970, wall ms. */
const char *http_param(struct http_request *req, const char *name, const char *fallback);
int http_param_int(struct http_request *req, const char *name, int64_t min, int64_t max, int64_t fallback,
		   int64_t *ret, struct err *err);
int http_param_time(struct http_request *req, const char *name, int64_t fallback, int64_t *ret_ms,
		    struct err *err);
/* `limit` and `offset` of a list. */
int http_param_page(struct http_request *req, int64_t min, int64_t max, int64_t fallback, int64_t *ret_limit,
		    int64_t *ret_offset, struct err *err);

/* The body, which must be a JSON object; NULL and ERR_USAGE when it is not. New reference. */
json_t *http_body_object(struct http_request *req, struct err *err);

/* Answers; all return 0. */
int http_answer_empty(struct http_request *req, unsigned status);
int http_answer_buf(struct http_request *req, unsigned status, const char *type,
		    struct buf *body /* taken */);
int http_answer_static(struct http_request *req, unsigned status, const char *type, const void *data,
		       size_t len);
int http_answer_json(struct http_request *req, unsigned status, json_t *json /* stolen */);
/* size < 0: unknown, in chunks. */
int http_answer_reader(struct http_request *req, unsigned status, const char *type, int64_t size,
		       size_t block, http_reader *reader);
int http_answer_error(struct http_request *req, unsigned status, const struct err *err);
void http_header(struct http_request *req, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4))); /* to the answer given */

/* True when the client has what `etag` names (If-None-Match). */
bool http_not_modified(struct http_request *req, const char *etag);

/* Suspends until resumed (HTTP_LATER), or -ERR_BUSY when the server stops. */
int http_suspend(struct http_request *req, int64_t wake_ms, struct err *err);
void http_resume(struct http_request *req); /* any thread, while the request is known to live */

/* Runs `work` in a pool and goes on with its answer. */
int http_offload(struct http_request *req, struct pool *pool, http_handler *work, struct err *err);

/* The connection ends when nothing moves for so long. */
void http_set_timeout(struct http_request *req, unsigned seconds);
