/* streamed.h - an answer that is made as it is sent: what would be hundreds of MB in memory is some KB. */
#pragma once

#include <stdbool.h>

#include "server/http.h"
#include "store/db.h"

/* more() adds the next part, of some ms at most since it runs in an HTTP thread: 1, 0 at the end, <0 with err: the
 * connection is closed. The source is taken over; close() is called when the request has ended. */
struct streamed {
	void *source;
	int (*more)(void *source, struct db *db, struct buf *to, struct err *err);
	void (*close)(void *source);
};

int streamed_answer(struct http_request *req, const char *type, bool gzip, const struct streamed *streamed,
		    struct err *err);
