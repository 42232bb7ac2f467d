/* clock.c - see clock.h. */
#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t wall_shift_ns; /* set once by clock_init() */
static bool shifted;

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * CLOCK_SECOND + ts.tv_nsec;
}

int64_t clock_boot_ns(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

int64_t clock_asleep_ns(void)
{
	return read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC);
}

int64_t clock_wall_ns(void)
{
	/* A shifted clock runs on the boot clock: rehearsals must not feel the real one jump. */
	return shifted ? clock_boot_ns() + wall_shift_ns : read_clock(CLOCK_REALTIME);
}

int64_t clock_wall_ms(void)
{
	return clock_wall_ns() / CLOCK_MS;
}

int clock_init(struct err *err)
{
	const char *text = getenv("MATINEE_NOW");
	int64_t ms;

	if (!text || !*text)
		return 0;
	if (clock_parse(text, &ms, err) < 0)
		return err_under(err, "MATINEE_NOW");
	wall_shift_ns = ms * CLOCK_MS - clock_boot_ns();
	shifted = true;
	return 0;
}

bool clock_shifted(void)
{
	return shifted;
}

void clock_boot_id(char *to, size_t size)
{
	char id[64] = "unknown";
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (file) {
		if (fgets(id, sizeof(id), file))
			id[strcspn(id, "\n")] = '\0';
		fclose(file);
	}
	if (shifted)
		snprintf(to, size, "shifted-%.36s-%ld", id, (long)getpid());
	else
		snprintf(to, size, "%s", id);
}

char *clock_format(char *to, size_t size, int64_t ms)
{
	int64_t whole = ms / 1000, rest = ms % 1000;
	time_t seconds;
	struct tm tm;

	if (rest < 0) {
		rest += 1000;
		whole--;
	}
	seconds = (time_t)whole;
	if (!gmtime_r(&seconds, &tm)) {
		snprintf(to, size, "1970-01-01T00:00:00.000Z");
		return to;
	}
	snprintf(to, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)rest);
	return to;
}

/* Exactly `digits` digits as a number; -1 if they are not there. */
static int number(const char **at, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++) {
		if (!isdigit((unsigned char)**at))
			return -1;
		value = value * 10 + (*(*at)++ - '0');
	}
	return value;
}

static bool skip(const char **at, const char *any_of)
{
	if (!**at || !strchr(any_of, **at))
		return false;
	(*at)++;
	return true;
}

static bool parse_zone(const char **at, int *minutes)
{
	int sign, h, m;

	*minutes = 0;
	if (skip(at, "Zz"))
		return true;
	sign = **at == '-' ? -1 : 1;
	if (!skip(at, "+-"))
		return false;
	h = number(at, 2);
	skip(at, ":");
	m = number(at, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return false;
	*minutes = sign * (h * 60 + m);
	return true;
}

static int fraction_ms(const char **at)
{
	int ms = 0, scale = 100;

	if (!skip(at, ".,"))
		return 0;
	while (isdigit((unsigned char)**at)) {
		ms += (*(*at)++ - '0') * scale;
		scale /= 10;
	}
	return ms;
}

int clock_parse(const char *text, int64_t *ret_ms, struct err *err)
{
	const char *at = text;
	struct tm tm = { 0 };
	int y = number(&at, 4), mo, d, h, mi, s, ms, zone;
	bool ok = y >= 1970 && skip(&at, "-") && (mo = number(&at, 2)) >= 1 && mo <= 12 &&
		  skip(&at, "-") && (d = number(&at, 2)) >= 1 && d <= 31 && skip(&at, "Tt ") &&
		  (h = number(&at, 2)) >= 0 && h <= 23 && skip(&at, ":") &&
		  (mi = number(&at, 2)) >= 0 && mi <= 59 && skip(&at, ":") &&
		  (s = number(&at, 2)) >= 0 && s <= 60;

	if (!ok)
		goto bad;
	ms = fraction_ms(&at);
	if (!parse_zone(&at, &zone) || *at)
		goto bad;
	tm.tm_year = y - 1900;
	tm.tm_mon = mo - 1;
	tm.tm_mday = d;
	tm.tm_hour = h;
	tm.tm_min = mi;
	tm.tm_sec = s;
	*ret_ms = ((int64_t)timegm(&tm) - (int64_t)zone * 60) * 1000 + ms;
	return 0;
bad:
	return err_set(err, ERR_USAGE,
		       "'%.60s' is not a time; write it like 2026-11-21T20:30:00Z", text);
}

char *clock_format_duration(char *to, size_t size, int64_t ms)
{
	const char *sign = ms < 0 ? "-" : "";
	uint64_t v = ms < 0 ? (uint64_t)-ms : (uint64_t)ms;
	uint64_t hundredths = (v % 1000) / 10, s = v / 1000;

	snprintf(to, size, "%s%02llu:%02llu:%02llu.%02llu", sign, (unsigned long long)(s / 3600),
		 (unsigned long long)(s / 60 % 60), (unsigned long long)(s % 60),
		 (unsigned long long)hundredths);
	return to;
}

int clock_parse_duration(const char *text, int64_t *ret_ms, struct err *err)
{
	const char *at = text;
	int64_t total = 0, value;
	int parts = 0, ms;

	do {
		char *end;

		if (!isdigit((unsigned char)*at))
			goto bad;
		value = strtoll(at, &end, 10);
		if (value > 1000000000)
			goto bad;
		at = end;
		total = total * 60 + value;
	} while (++parts < 3 && skip(&at, ":"));
	ms = fraction_ms(&at);
	if (parts == 1 && !ms && *at && !at[1]) {
		int64_t unit = *at == 's' ? 1 : *at == 'm' ? 60 : *at == 'h' ? 3600 : *at == 'd' ? 86400 : 0;

		if (!unit)
			goto bad;
		total *= unit;
		at++;
	}
	if (*at)
		goto bad;
	*ret_ms = total * 1000 + ms;
	return 0;
bad:
	return err_set(err, ERR_USAGE, "'%.60s' is not a duration; write 90, 1:30, 45m or 2h", text);
}
