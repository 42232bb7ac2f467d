/* http_input.c - what handlers ask of a request: its headers, the parameters of its query, its body. See http.h. */
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "base/clock.h"
#include "base/number.h"
#include "server/http.h"
#include "server/origin.h"
#include "server/parts.h"
#include "server/url.h"

const char *http_in_header(struct http_request *req, const char *name)
{
	return MHD_lookup_connection_value(req->wait.connection, MHD_HEADER_KIND, name);
}

uint64_t http_client(struct http_request *req)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(req->wait.connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const char *program = http_in_header(req, "User-Agent");
	uint64_t hash = program ? XXH3_64bits(program, strlen(program)) : 0;

	if (info && info->client_addr && info->client_addr->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)info->client_addr;

		return XXH3_64bits_withSeed(&in->sin_addr, sizeof(in->sin_addr), hash);
	}
	if (info && info->client_addr && info->client_addr->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *)info->client_addr;

		return XXH3_64bits_withSeed(&in->sin6_addr, sizeof(in->sin6_addr), hash);
	}
	return hash;
}

/* A program on this machine: a proxy, mostly. */
static bool is_from_here(struct http_request *req)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(req->wait.connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *from = info ? info->client_addr : NULL;

	if (from && from->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)from)->sin_addr.s_addr) >> 24 == 127;
	if (from && from->sa_family == AF_INET6) {
		const struct in6_addr *in6 = &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr;

		return IN6_IS_ADDR_LOOPBACK(in6) || (IN6_IS_ADDR_V4MAPPED(in6) && in6->s6_addr[12] == 127);
	}
	return false;
}

/* The header of a proxy before us; of several on the way the first, who saw the client. NULL: none that is believed. */
static const char *forwarded(struct http_request *req, const char *name)
{
	const char *text = is_from_here(req) ? http_in_header(req, name) : NULL;
	size_t n = text ? strcspn(text, ", \t") : 0;

	return n && n <= 255 ? arena_printf(&req->arena, "%.*s", (int)n, text) : NULL;
}

/* Who lies about this gets an answer with wrong addresses himself, and nobody else does: no answer is kept for others. */
const char *http_base_url(struct http_request *req)
{
	const char *host = forwarded(req, "X-Forwarded-Host"), *scheme = forwarded(req, "X-Forwarded-Proto");

	if (*req->server->base_url)
		return req->server->base_url;
	if (!host || !origin_host_plain(host))
		host = http_in_header(req, "Host");
	if (!origin_host_plain(host))
		return req->server->url;
	return arena_printf(&req->arena, "%s://%s", scheme && strcasecmp(scheme, "https") == 0 ? "https" : "http", host);
}

const char *http_param(struct http_request *req, const char *name, const char *fallback)
{
	const char *text = url_query(req->query, name, &req->arena);

	return text && *text ? text : fallback;
}

int http_param_int(struct http_request *req, const char *name, int64_t min, int64_t max, int64_t fallback,
		   int64_t *ret, struct err *err)
{
	const char *text = http_param(req, name, NULL);
	int64_t value;

	*ret = fallback;
	if (!text)
		return 0;
	if (number_parse(text, &value) < 0 || value < min || value > max)
		return err_set(err, ERR_USAGE, "%s must be a whole number from %lld to %lld, not '%.40s'",
			       name, (long long)min, (long long)max, text);
	*ret = value;
	return 0;
}

int http_param_time(struct http_request *req, const char *name, int64_t fallback, int64_t *ret_ms,
		    struct err *err)
{
	const char *text = http_param(req, name, NULL);

	*ret_ms = fallback;
	if (!text)
		return 0;
	if (strspn(text, "0123456789") == strlen(text) && strlen(text) > 4)
		return http_param_int(req, name, 0, INT64_C(253402300799000), fallback, ret_ms, err);
	if (clock_parse(text, ret_ms, err) < 0)
		return err_under(err, "%s", name);
	return 0;
}

int http_param_page(struct http_request *req, int64_t min, int64_t max, int64_t fallback, int64_t *ret_limit,
		    int64_t *ret_offset, struct err *err)
{
	if (http_param_int(req, "limit", min, max, fallback, ret_limit, err) < 0)
		return -(int)err->code;
	return http_param_int(req, "offset", 0, INT64_C(1) << 40, 0, ret_offset, err);
}

json_t *http_body_object(struct http_request *req, struct err *err)
{
	json_t *body = json_parse(buf_text(&req->body), req->body.len, err);

	if (!body) {
		err_under(err, "the body of the request");
		return NULL;
	}
	if (json_is_object(body))
		return body;
	json_decref(body);
	err_set(err, ERR_USAGE, "the body of the request must be a JSON object");
	return NULL;
}
