/* http_answer.h - between http.c and http_answer.c. */
#pragma once

#include <sys/socket.h>
#include <microhttpd.h>

#include "server/http.h"

/* Puts the headers that every answer has on it. */
void http_answer_complete(struct http_request *req, struct MHD_Response *response);

/* An answer that others send too: complete already, still the caller's, never changed again. Handed over at once, so
 * that it lives as long as this request needs it. Only in handlers that run on the connection's thread. */
void http_answer_shared(struct http_request *req, unsigned status, struct MHD_Response *response, size_t body_len);

/* Completes the request's own answer and hands it over. */
enum MHD_Result http_answer_queue(struct http_request *req, struct MHD_Connection *connection);
