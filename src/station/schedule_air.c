/* schedule_air.c - what may air when: expiry, parts of the day, seasons of the year; declared in schedule.h.
 *
 * All by the station's local time. Values that people made up are any time. */
#include <string.h>
#include <strings.h>
#include <time.h>

#include "station/schedule.h"

/* In the order of enum schedule_part, hours from and to; to may lie on the next day. */
static const struct {
	const char *name;
	int from, to;
} parts[SCHEDULE_PARTS] = {
	[SCHEDULE_MORNING] = { "morning", 6, 12 },
	[SCHEDULE_AFTERNOON] = { "afternoon", 12, 18 },
	[SCHEDULE_EVENING] = { "evening", 18, 23 },
	[SCHEDULE_LATE_NIGHT] = { "late_night", 23, 30 },
};

/* Month and day, both ends within; from may lie in the year before. Months are those of the northern half. */
static const struct {
	const char *name;
	int from, to; /* month * 100 + day */
} seasons[] = {
	{ "spring", 301, 531 },	 { "summer", 601, 831 },   { "fall", 901, 1130 },
	{ "autumn", 901, 1130 }, { "winter", 1201, 229 }, { "holiday", 1201, 106 },
};

static bool local_time(const struct schedule_air *air, struct tm *ret)
{
	time_t wall = air ? (time_t)(air->wall_ms / 1000) : 0;

	return wall && localtime_r(&wall, ret);
}

enum schedule_part schedule_part_of(const char *daypart)
{
	for (int i = 1; daypart && i < SCHEDULE_PARTS; i++)
		if (strcasecmp(parts[i].name, daypart) == 0)
			return (enum schedule_part)i;
	return SCHEDULE_ANY;
}

enum schedule_part schedule_part_at(const struct schedule_air *air)
{
	struct tm tm;

	if (!local_time(air, &tm))
		return SCHEDULE_ANY;
	for (int i = 1; i < SCHEDULE_PARTS; i++)
		if ((tm.tm_hour >= parts[i].from && tm.tm_hour < parts[i].to) || tm.tm_hour + 24 < parts[i].to)
			return (enum schedule_part)i;
	return SCHEDULE_ANY;
}

static bool in_season(const char *season, const struct tm *tm)
{
	int day = (tm->tm_mon + 1) * 100 + tm->tm_mday;

	for (size_t i = 0; i < sizeof(seasons) / sizeof(seasons[0]); i++) {
		int from = seasons[i].from, to = seasons[i].to;

		if (strcasecmp(seasons[i].name, season) == 0)
			return from <= to ? day >= from && day <= to : day >= from || day <= to;
	}
	return true;
}

bool schedule_may_air(const struct schedule_air *air, const struct schedule_item *item, enum schedule_strictness how)
{
	enum schedule_part part;
	struct tm tm;

	if (!local_time(air, &tm))
		return true;
	if (item->expires_ms && item->expires_ms <= air->wall_ms)
		return false;
	if (how >= SCHEDULE_IN_SEASON && item->air_season && *item->air_season && !in_season(item->air_season, &tm))
		return false;
	part = how == SCHEDULE_IN_PART ? schedule_part_of(item->daypart) : SCHEDULE_ANY;
	return part == SCHEDULE_ANY || part == schedule_part_at(air);
}
