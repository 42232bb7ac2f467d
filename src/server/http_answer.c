/* http_answer.c - what handlers answer a request with. See http.h; what they ask of it is http_input.c. */
#include "server/http_answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/parts.h"
#include "server/router.h"

static const struct {
	const char *name, *value;
} every_answer[] = {
	{ "Content-Security-Policy",
	  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
	  "media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; "
	  "base-uri 'none'; form-action 'self'; frame-ancestors 'self'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "SAMEORIGIN" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
};

void http_answer_complete(struct http_request *req, struct MHD_Response *response)
{
	for (size_t i = 0; i < sizeof(every_answer) / sizeof(every_answer[0]); i++)
		MHD_add_response_header(response, every_answer[i].name, every_answer[i].value);
	if (req->route && (req->route->flags & ROUTE_CORS)) {
		MHD_add_response_header(response, "Access-Control-Allow-Origin", "*");
		MHD_add_response_header(response, "Access-Control-Expose-Headers",
					"Content-Length, Content-Range, Date, ETag");
	}
}

static void count_answer(struct http_request *req, unsigned status, size_t body_len)
{
	if (status < 600)
		counters_add(&req->server->counters.requests[status / 100], 1);
	if (req->method && strcmp(req->method, "HEAD") != 0)
		counters_add(&req->server->counters.body_bytes, body_len);
}

void http_answer_shared(struct http_request *req, unsigned status, struct MHD_Response *response, size_t body_len)
{
	count_answer(req, status, body_len);
	req->shared = true;
	req->queued = MHD_queue_response(req->wait.connection, status, response) == MHD_YES;
}

enum MHD_Result http_answer_queue(struct http_request *req, struct MHD_Connection *connection)
{
	enum MHD_Result rc;

	if (req->shared)
		return req->queued ? MHD_YES : MHD_NO;
	if (!req->response)
		return MHD_NO;
	count_answer(req, req->status, req->body_len);
	http_answer_complete(req, req->response);
	rc = MHD_queue_response(connection, req->status, req->response);
	MHD_destroy_response(req->response);
	req->response = NULL;
	return rc;
}

static int set_answer(struct http_request *req, unsigned status, const char *type,
		      struct MHD_Response *response)
{
	if (req->response)
		MHD_destroy_response(req->response);
	req->response = response;
	req->status = status;
	req->body_len = 0;
	if (response && type)
		MHD_add_response_header(response, "Content-Type", type);
	return 0;
}

int http_answer_empty(struct http_request *req, unsigned status)
{
	return set_answer(req, status, NULL,
			  MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT));
}

int http_answer_buf(struct http_request *req, unsigned status, const char *type, struct buf *body)
{
	struct buf taken = *body;
	struct MHD_Response *response;

	*body = (struct buf) { 0 };
	if (taken.failed || !taken.data) {
		buf_free(&taken);
		return http_answer_static(req, taken.failed ? 500 : status, type, "", 0);
	}
	response = MHD_create_response_from_buffer_with_free_callback(taken.len, taken.data, free);
	if (!response)
		buf_free(&taken);
	set_answer(req, status, type, response);
	req->body_len = taken.len;
	return 0;
}

int http_answer_static(struct http_request *req, unsigned status, const char *type, const void *data,
		       size_t len)
{
	set_answer(req, status, type,
		   MHD_create_response_from_buffer(len, (void *)(uintptr_t)data, MHD_RESPMEM_PERSISTENT));
	req->body_len = len;
	return 0;
}

int http_answer_json(struct http_request *req, unsigned status, json_t *json)
{
	struct buf body = { 0 };

	json_write(&body, json);
	json_decref(json);
	buf_addc(&body, '\n');
	http_answer_buf(req, status, "application/json", &body);
	http_header(req, "Cache-Control", "no-store");
	return 0;
}

static ssize_t read_body(void *context, uint64_t pos, char *to, size_t max)
{
	struct http_request *req = context;
	ssize_t n = req->reader(req, pos, to, max);

	if (n > 0)
		counters_add(&req->server->counters.body_bytes, (uint64_t)n);
	return n;
}

int http_answer_reader(struct http_request *req, unsigned status, const char *type, int64_t size,
		       size_t block, http_reader *reader)
{
	req->reader = reader;
	return set_answer(req, status, type,
			  MHD_create_response_from_callback(size < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)size,
							    block, read_body, req, NULL));
}

int http_answer_error(struct http_request *req, unsigned status, const struct err *err)
{
	enum err_code code = err->code ? err->code : ERR_INTERNAL;
	struct buf body = { 0 };

	if (!status)
		status = (unsigned)err_http_status(code);
	buf_addf(&body, "{\"error\":{\"code\":\"%s\",\"message\":", err_name(code));
	buf_add_json(&body, *err->text ? err->text : err_sentence(code));
	buf_adds(&body, "}}\n");
	http_answer_buf(req, status, "application/json", &body);
	http_header(req, "Cache-Control", "no-store");
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
		http_header(req, "Retry-After", "2");
	return 0;
}

void http_header(struct http_request *req, const char *name, const char *format, ...)
{
	char text[1024];
	const char *value = format;
	va_list args;

	if (!req->response)
		return;
	if (strchr(format, '%')) {
		va_start(args, format);
		vsnprintf(text, sizeof(text), format, args);
		va_end(args);
		value = text;
	}
	if (strcmp(name, "Cache-Control") == 0) { /* the last one said is meant */
		const char *old = MHD_get_response_header(req->response, name);

		if (old)
			MHD_del_response_header(req->response, name, old);
	}
	MHD_add_response_header(req->response, name, value);
}

bool http_not_modified(struct http_request *req, const char *etag)
{
	const char *have = http_in_header(req, "If-None-Match");
	size_t len = strlen(etag);

	while (have && *have) {
		have += strspn(have, " \t,");
		if (*have == '*')
			return true;
		if (strncmp(have, "W/", 2) == 0)
			have += 2;
		if (strncmp(have, etag, len) == 0 && (!have[len] || strchr(" \t,", have[len])))
			return true;
		have += strcspn(have, ",");
	}
	return false;
}
