/* log.h - lines for people who run the house: "2026-11-21 20:30:05.123 INFO  station: channel 3 built".
 *
 * Only faces and long-running loops log; a function that returns an err does not log it too.
 * One file may be set (rotated at 10 MB, five kept); otherwise stderr. Thread-safe. The last lines are kept in
 * memory for `GET /api/log` and the activity room. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_CRITICAL };

/* "DEBUG".."CRITICAL" in any case; -1 when it is none. */
int log_level_parse(const char *text);

void log_set_level(enum log_level level);
int log_set_file(const char *path, struct err *err); /* NULL: back to stderr */

void log_write(enum log_level level, const char *area, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_debug(area, ...) log_write(LOG_DEBUG, area, __VA_ARGS__)
#define log_info(area, ...) log_write(LOG_INFO, area, __VA_ARGS__)
#define log_warning(area, ...) log_write(LOG_WARNING, area, __VA_ARGS__)
#define log_error(area, ...) log_write(LOG_ERROR, area, __VA_ARGS__)

/* Adds the newest lines, oldest first, one per line, at most `lines` of them. */
void log_recent(struct buf *to, unsigned lines);
