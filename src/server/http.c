/* http.c - see http.h. The way of a request through libmicrohttpd:
 *
 *	begin_request	the target is there (MHD_OPTION_URI_LOG_CALLBACK): the request is made
 *	on_request	the headers are there (first call), the body's parts, the end, and again after every
 *resume end_request	the answer is out or the client left: everything is freed
 *
 * Answers are made in http_answer.c. */
#include "server/http.h"

#include <sys/socket.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "server/http_answer.h"
#include "server/origin.h"
#include "server/parts.h"
#include "server/pool.h"
#include "server/router.h"
#include "server/url.h"

#define CONNECTION_MEMORY ((size_t)16 << 10) /* request line, headers and a chunk of the answer */
#define IDLE_SECONDS 30u

struct http {
	struct server *server;
	struct MHD_Daemon *daemon;
	int listen_fd;
};

static void *begin_request(void *context, const char *target, struct MHD_Connection *connection)
{
	struct http_request *req = calloc(1, sizeof(*req));
	struct http *http = context;

	if (!req || !(req->target = strndup(target, URL_MAX + 1)))
		abort();
	req->server = http->server;
	req->wait.connection = connection;
	req->body = BUF_MAX(HTTP_BODY_MAX);
	return req;
}

static void end_request(void *context, struct MHD_Connection *connection, void **slot,
			enum MHD_RequestTerminationCode why)
{
	struct http_request *req = *slot;

	(void)context;
	(void)connection;
	(void)why;
	if (!req)
		return;
	*slot = NULL;
	if (req->state_free)
		req->state_free(req->state);
	if (req->response)
		MHD_destroy_response(req->response);
	buf_free(&req->body);
	arena_free(&req->arena);
	free(req->target);
	free(req);
}

static int check_origin(struct http_request *req, struct err *err)
{
	const char *host = http_in_header(req, "Host");
	const char *what = req->route->flags & ROUTE_CHANGES ? "changes are taken" : "this is shown";

	const char *base = req->server->base_url, *origin = http_in_header(req, "Origin");

	if (host && !origin_host_of(base, host) && !origin_host_ok(host, req->server->machine))
		return err_set(err, ERR_DENIED, "%s under this machine's address or name only, not as '%.100s'", what,
			       host);
	if (origin && *base && strcasecmp(origin, base) == 0)
		origin = NULL; /* the owner has said that this is us */
	if (!origin_same(origin, http_in_header(req, "Sec-Fetch-Site"), host))
		return err_set(err, ERR_DENIED, "%s for this server's own page only", what);
	return 0;
}

static int body_fits(struct http_request *req, struct err *err)
{
	const char *length = http_in_header(req, "Content-Length");

	if (req->too_large || (length && strtoull(length, NULL, 10) > HTTP_BODY_MAX))
		return err_set(err, ERR_TOO_LARGE, "the body of the request is larger than %zu bytes",
			       HTTP_BODY_MAX);
	return 0;
}

/* What can be said as soon as the headers are there. */
static int begin(struct http_request *req, const char *method, struct err *err)
{
	const char *allow;
	int rc;

	req->begun = true;
	req->method = arena_strdup(&req->arena, method);
	rc = url_parse(req->target, &req->arena, &req->path, &req->query, err);
	if (rc < 0)
		return err->code == ERR_TOO_LARGE ? http_answer_error(req, MHD_HTTP_URI_TOO_LONG, err) : rc;
	req->route = route_find(method, req->path, req->param, &req->arena, &allow);
	if (!req->route && !*allow)
		return err_set(err, ERR_NOT_FOUND, "there is nothing at '%.200s'", req->path);
	if (!req->route && strcmp(method, "OPTIONS") == 0) {
		http_answer_empty(req, MHD_HTTP_NO_CONTENT);
		http_header(req, "Allow", "%s", allow);
		return 0;
	}
	if (!req->route) {
		err_set(err, ERR_USAGE, "'%.200s' takes %s, not %.20s", req->path, allow, method);
		http_answer_error(req, MHD_HTTP_METHOD_NOT_ALLOWED, err);
		http_header(req, "Allow", "%s", allow);
		return 0;
	}
	if ((req->route->flags & (ROUTE_CHANGES | ROUTE_OWN)) && (rc = check_origin(req, err)) < 0)
		return rc;
	return body_fits(req, err);
}

static int run_handler(struct http_request *req, struct err *err)
{
	const struct route *route = req->route;
	http_handler *again = req->again;

	if (again) {
		req->again = NULL;
		return again(req, err);
	}
	if (route->flags & ROUTE_INLINE)
		return route->run(req, err);
	return http_offload(req, route->flags & ROUTE_FILES ? req->server->files : req->server->pool,
			    route->run, err);
}

/* What a handler came back with becomes an answer, unless it waits. */
static void settle(struct http_request *req, int rc, const struct err *err)
{
	if (rc < 0)
		http_answer_error(req, 0, err);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **slot)
{
	struct http_request *req = *slot;
	struct err err = { 0 };

	(void)context;
	(void)url;
	(void)version;
	if (!req)
		return MHD_NO;
	if (!req->begun) {
		settle(req, begin(req, method, &err), &err);
		return req->response ? http_answer_queue(req, connection) : MHD_YES;
	}
	if (*upload_size) {
		buf_add(&req->body, upload, *upload_size);
		req->too_large = req->too_large || req->body.failed;
		*upload_size = 0;
		return MHD_YES;
	}
	if (!req->response) {
		int rc = body_fits(req, &err);

		if (rc == 0)
			rc = run_handler(req, &err);
		if (rc == HTTP_LATER)
			return MHD_YES;
		settle(req, rc, &err);
	}
	return http_answer_queue(req, connection);
}

/* Paths and queries are decoded by url.c alone. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
	(void)context;
	(void)connection;
	return strlen(text);
}

static void no_log(void *context, const char *format, va_list args)
{
	(void)context;
	(void)format;
	(void)args;
}

struct http *http_start(const struct http_config *config, struct err *err)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http)
		abort();
	http->server = config->server;
	http->listen_fd = config->listen_fd;
	http->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
		on_request, http, MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL, MHD_OPTION_LISTEN_SOCKET,
		(MHD_socket)config->listen_fd, MHD_OPTION_THREAD_POOL_SIZE, config->threads,
		MHD_OPTION_CONNECTION_LIMIT, config->connections, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_URI_LOG_CALLBACK, begin_request, http, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes,
		NULL, MHD_OPTION_NOTIFY_COMPLETED, end_request, NULL, MHD_OPTION_END);
	if (!http->daemon) {
		err_errno(err, "start the HTTP server");
		close(http->listen_fd);
		free(http);
		return NULL;
	}
	return http;
}

void http_quiesce(struct http *http)
{
	MHD_quiesce_daemon(http->daemon);
}

void http_stop(struct http *http)
{
	if (!http)
		return;
	MHD_stop_daemon(http->daemon);
	cleanup_fd(&http->listen_fd);
	free(http);
}

int http_suspend(struct http_request *req, int64_t wake_ms, struct err *err)
{
	if (!waits_suspend(req->server->waits, &req->wait, WAIT_ANY, wake_ms))
		return err_set(err, ERR_BUSY, "the server is stopping");
	return HTTP_LATER;
}

void http_resume(struct http_request *req)
{
	waits_resume(req->server->waits, &req->wait);
}

static void run_offloaded(void *context)
{
	struct http_request *req = context;
	struct err err = { 0 };
	int rc;

	if (req->server->stopping)
		rc = err_set(&err, ERR_BUSY, "the server is stopping");
	else
		rc = req->work(req, &err);
	if (rc == HTTP_LATER)
		return; /* somebody else resumes it; it may be gone already */
	settle(req, rc, &err);
	http_resume(req);
}

int http_offload(struct http_request *req, struct pool *pool, http_handler *work, struct err *err)
{
	int rc = http_suspend(req, -1, err);

	if (rc < 0)
		return rc;
	req->work = work;
	if (pool_submit(pool, run_offloaded, req))
		return HTTP_LATER;
	err_set(err, ERR_BUSY, "too many requests wait; try again in a moment");
	settle(req, -ERR_BUSY, err);
	http_resume(req);
	return HTTP_LATER;
}

void http_set_timeout(struct http_request *req, unsigned seconds)
{
	MHD_set_connection_option(req->wait.connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}
