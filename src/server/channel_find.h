/* channel_find.h - the channel that a path names, for the handlers of streams. */
#pragma once

#include "server/http.h"
#include "store/channels.h"

/* By req->param[0], its number; on the air only. *ret_db is this thread's reader. */
int channel_find(struct http_request *req, struct channel *ret, struct db **ret_db, struct err *err);

/* The error for a channel whose timeline is not built yet: a player tries again. */
int channel_not_yet(const struct channel *channel, struct err *err);
