/* media_file.h - the file behind an item, opened safely. */
#pragma once

#include "server/http.h"
#include "store/files.h"

/* The item's first file that is there: opened below its root, never outside. *ret_fd is to be closed. May
 * block on a file system that hangs. ERR_NOT_FOUND, ERR_DENIED. */
int media_open(struct http_request *req, int64_t item_id, struct file *ret_file, int *ret_fd,
	       struct err *err);
