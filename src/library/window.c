/* window.c - see window.h. */
#include "library/window.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

int window_parse(const char *text, struct window *ret, struct err *err)
{
	int h1, m1, h2, m2, end = 0;

	if (strcasecmp(text, "always") == 0) {
		*ret = (struct window) { 0, 0 };
		return 0;
	}
	if (strcasecmp(text, "off") == 0 || strcasecmp(text, "no") == 0) {
		*ret = (struct window) { -1, -1 };
		return 0;
	}
	if (sscanf(text, "%2d:%2d-%2d:%2d%n", &h1, &m1, &h2, &m2, &end) != 4 || text[end] || h1 < 0 ||
	    h1 > 24 || h2 < 0 || h2 > 24 || m1 < 0 || m1 > 59 || m2 < 0 || m2 > 59 ||
	    (h1 * 60 + m1) % 1440 == (h2 * 60 + m2) % 1440)
		return err_set(err, ERR_USAGE,
			       "'%.40s' is no part of a day; write 02:00-06:00, always or off", text);
	*ret = (struct window) { (h1 * 60 + m1) % 1440, (h2 * 60 + m2) % 1440 };
	return 0;
}

bool window_holds(const struct window *w, int minute)
{
	if (w->from < 0)
		return false;
	if (w->from == w->to)
		return true;
	return w->from < w->to ? minute >= w->from && minute < w->to : minute >= w->from || minute < w->to;
}

bool window_open(const struct window *window, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm local;

	localtime_r(&seconds, &local);
	return window_holds(window, local.tm_hour * 60 + local.tm_min);
}
