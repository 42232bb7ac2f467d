/* station_args.c - see station_args.h. */
#include "cli/station_args.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "station/timeline_builder.h"

void station_args_free_time(struct station_time **time)
{
	station_time_free(*time);
	*time = NULL;
}

struct station_time *station_args_time(struct command_context *ctx, struct err *err)
{
	if (ctx->command->needs == NEEDS_READ)
		return station_time_read(ctx->db, err);
	return station_time_open(ctx->db, err);
}

static int by_name(struct command_context *ctx, const char *name, struct arena *arena, struct channel *ret,
		   struct err *err)
{
	const struct channel *found = NULL;
	struct channel_list list;

	if (channels_list(ctx->db, arena, &list, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < list.count; i++) {
		if (strcasecmp(list.channels[i].name, name) != 0)
			continue;
		if (found)
			return err_set(err, ERR_USAGE,
				       "channels %d and %d are both called '%.80s'; give the number",
				       found->number, list.channels[i].number, name);
		found = &list.channels[i];
	}
	if (!found)
		return err_set(err, ERR_NOT_FOUND,
			       "there is no channel '%.80s'; 'matinee channel list' shows those there are",
			       name);
	*ret = *found;
	return 0;
}

int station_args_channel(struct command_context *ctx, const char *text, struct arena *arena,
			 struct channel *ret, struct err *err)
{
	char *end;
	long number = strtol(text, &end, 10);
	struct err none = { 0 };
	int rc;

	db_lock(ctx->db);
	rc = *text && !*end && number > 0 && number <= 99999
		     ? channels_by_number(ctx->db, (int)number, arena, ret, &none)
		     : by_name(ctx, text, arena, ret, err);
	if (none.code ==
	    ERR_NOT_FOUND) { /* "5" may be a name too; the sentence about the number is the better one */
		rc = by_name(ctx, text, arena, ret, NULL);
		if (rc < 0)
			rc = err_set(err, ERR_NOT_FOUND, "%s", none.text);
	} else if (none.code) {
		rc = err_set(err, none.code, "%s", none.text);
	}
	db_unlock(ctx->db);
	return rc;
}

int station_args_apply(struct command_context *ctx, const struct station_time *time, int64_t channel_id,
		       struct err *err)
{
	if (!ctx->server)
		return timeline_rebuild(ctx->db, time, channel_id, err);
	if (ctx->server->station_changed)
		ctx->server->station_changed(ctx->server->server, channel_id);
	return 0;
}

char *station_args_local(char *to, size_t size, const char *format, int64_t wall_ms)
{
	time_t seconds = (time_t)((wall_ms + 500) / 1000);
	struct tm tm = { 0 };

	tzset();
	if (!localtime_r(&seconds, &tm) || strftime(to, size, format, &tm) == 0)
		*to = '\0';
	return to;
}
