/* http_answer.h - between http.c and http_answer.c. */
#pragma once

#include <sys/socket.h>
#include <microhttpd.h>

#include "server/http.h"

/* Puts the headers that every answer has on it and hands it over. */
enum MHD_Result http_answer_queue(struct http_request *req, struct MHD_Connection *connection);
