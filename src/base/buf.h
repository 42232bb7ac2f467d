/* buf.h - a growing byte buffer with a maximum. The bytes are followed by a NUL that does not count.
 *
 * Growth past `max` (or a size that cannot be had) sets `failed` and drops the bytes; the caller checks once
 * at the end. Memory that is merely short aborts the process: small allocations never fail here. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

struct buf {
	char *data;  /* NULL or NUL-terminated */
	size_t len;  /* bytes in use */
	size_t size; /* bytes allocated */
	size_t max;  /* 0 means BUF_DEFAULT_MAX */
	bool failed; /* something did not fit */
};

#define BUF_DEFAULT_MAX ((size_t)1 << 30)
#define BUF_MAX(bytes) ((struct buf){ .max = (bytes) })

void buf_free(struct buf *buf);
void buf_reset(struct buf *buf); /* len = 0, failed = false; keeps the memory */

/* Room for `extra` more bytes; the place to write them, or NULL with `failed` set. Add to len yourself. */
char *buf_reserve(struct buf *buf, size_t extra);

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_adds(struct buf *buf, const char *text);
void buf_addc(struct buf *buf, char c);
void buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Text escaped for XML content and attributes; invalid UTF-8 and control characters become U+FFFD. */
void buf_add_xml(struct buf *buf, const char *text);

/* A JSON string with its quotes; invalid UTF-8 becomes U+FFFD. */
void buf_add_json(struct buf *buf, const char *text);

/* All of a stream; ERR_TOO_LARGE past buf->max. */
int buf_read_all(struct buf *buf, FILE *file, struct err *err);

/* A whole file; ERR_TOO_LARGE past buf->max. */
int buf_read_file(struct buf *buf, const char *path, struct err *err);

const char *buf_text(const struct buf *buf); /* "" when empty, never NULL */
