/* json.h - jansson with our rules: limits, paths that are not UTF-8, and no crash on a missing key. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

void json_cleanup(json_t **json); /* for CLEANUP(json_cleanup) */

/* Parses `len` bytes; ERR_USAGE with line and column. New reference. */
json_t *json_parse(const char *text, size_t len, struct err *err);

/* Compact text of json added to `to`. */
void json_write(struct buf *to, const json_t *json);

/* Values of an object, with a fallback when the key is absent or of another type. Borrowed. */
const char *json_text(const json_t *object, const char *key, const char *fallback);
int64_t json_int(const json_t *object, const char *key, int64_t fallback);
double json_number(const json_t *object, const char *key, double fallback);
bool json_flag(const json_t *object, const char *key, bool fallback);

/* 1 the key's text, borrowed from the object; 0 it has none; ERR_INVALID what is no text, has a zero byte, or more than max bytes
 * (0: any number). */
int json_take_text(const json_t *object, const char *key, size_t max, const char **ret, struct err *err);

/* ERR_INVALID, "WHAT has no 'KEY'", when the object has a key that is not among `known` (ends with NULL). */
int json_check_keys(const json_t *object, const char *what, const char *const *known, struct err *err);

/* A path as JSON text and back: bytes that are not UTF-8 as %XX, and a '%' that would be read as one as %25, so what people type
 * is most often what stands there. json_path() allocates; free it. */
json_t *json_from_path(const char *path);
char *json_path(const json_t *object, const char *key); /* NULL when absent */
char *json_path_parse(const char *text);		/* the same from a text that came otherwise */
