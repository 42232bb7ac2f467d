/* filter_date.c - times in filters: dates as people write them in the machine's zone, and ages. See
 * filter_value.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/cleanup.h"
#include "store/filter_value.h"

#define DAY_MS INT64_C(86400000)
#define MAX_AGE_DAYS 40000

/* Midnight before that day; months and days out of range carry over. */
static int64_t midnight(int year, int month, int day)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_isdst = -1 };

	return (int64_t)mktime(&tm) * 1000;
}

static int64_t day_from(int64_t now_ms, int days)
{
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;

	localtime_r(&now, &tm);
	return midnight(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday + days);
}

/* "7d", "2w", "12h", "3mo", "1y" */
static bool age(const char *value, int64_t *ret_ms)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = { { "h", DAY_MS / 24 },
		      { "d", DAY_MS },
		      { "w", 7 * DAY_MS },
		      { "mo", 30 * DAY_MS },
		      { "y", 365 * DAY_MS } };
	char *end;
	double number;

	if (!isdigit((unsigned char)*value) || strpbrk(value, "xXeE"))
		return false;
	number = strtod(value, &end);
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strcasecmp(units[i].name, end) == 0 &&
		    number * (double)units[i].ms < (double)MAX_AGE_DAYS * (double)DAY_MS) {
			*ret_ms = (int64_t)(number * (double)units[i].ms);
			return true;
		}
	return false;
}

static bool digits(const char *at, int count, int *ret)
{
	*ret = 0;
	for (int i = 0; i < count; i++) {
		if (!isdigit((unsigned char)at[i]))
			return false;
		*ret = *ret * 10 + (at[i] - '0');
	}
	return true;
}

/* "2024", "2024-05", "2024-05-31" */
static bool calendar(const char *value, int64_t *ret_low, int64_t *ret_high)
{
	size_t len = strlen(value);
	int year, month = 1, day = 1;

	if ((len != 4 && len != 7 && len != 10) || !digits(value, 4, &year) || year < 1000)
		return false;
	if (len > 4 && (value[4] != '-' || !digits(value + 5, 2, &month) || month < 1 || month > 12))
		return false;
	if (len > 7 && (value[7] != '-' || !digits(value + 8, 2, &day) || day < 1 || day > 31))
		return false;
	*ret_low = midnight(year, month, day);
	*ret_high = midnight(year + (len == 4), month + (len == 7), day + (len == 10)) - 1;
	return true;
}

int filter_date(const char *value, bool ahead, int64_t now_ms, int64_t *ret_low, int64_t *ret_high,
		bool *ret_age, struct err *err)
{
	static const struct {
		const char *name;
		int days;
	} words[] = { { "yesterday", -1 }, { "today", 0 }, { "tomorrow", 1 } };
	int64_t ms;

	*ret_age = age(value, &ms);
	if (*ret_age) {
		*ret_low = *ret_high = ahead ? now_ms + ms : now_ms - ms;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasecmp(words[i].name, value) == 0) {
			*ret_low = day_from(now_ms, words[i].days);
			*ret_high = day_from(now_ms, words[i].days + 1) - 1;
			return 0;
		}
	if (calendar(value, ret_low, ret_high))
		return 0;
	return err_set(err, ERR_USAGE, "'%.40s' is no date", value);
}

int filter_time(const char *text, int64_t now_ms, int64_t *ret_first, int64_t *ret_last, bool *ret_age)
{
	return filter_date(text, true, now_ms, ret_first, ret_last, ret_age, NULL);
}
