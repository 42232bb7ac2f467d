/* window.h - a part of the day for work that can wait: "02:00-06:00", "22:30-05:00", "always", "off". Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct window {
	int from, to; /* minutes of the local day; equal: always; both -1: never */
};

int window_parse(const char *text, struct window *ret, struct err *err); /* ERR_USAGE */
bool window_holds(const struct window *window, int minute);
bool window_open(const struct window *window, int64_t wall_ms); /* by the machine's time zone */
