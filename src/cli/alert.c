/* alert.c - `matinee alert TEXT`, `alert list`, `alert cancel`. What an alert is: station/alert.h. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/command.h"
#include "cli/station_args.h"
#include "cli/table.h"
#include "station/alert.h"

#define LISTED 1000

static const struct command_option alert_options[] = {
	{ "channels", 'c', "LIST", NULL, "Only these, by number or name: 1,3,News." },
	{ "priority", 0, "P", NULL, "1 to 100, unless told 50; of two at once the higher one is on." },
	{ "resume", 0, NULL, NULL, "Then go on where it broke in, and move what follows; else join what is on by then." },
	{ "for", 0, "SECONDS", NULL, "How long, unless told 30." },
	{ NULL, 0, NULL, NULL, NULL },
};

/* The list as ids; none when it is not given. */
static int take_channels(struct command_context *ctx, struct arena *arena, struct alert_request *request,
			 struct err *err)
{
	const char *given = command_text(ctx, "channels", NULL);
	char *list = arena_strdup(arena, given), *rest = NULL;
	size_t cap = 0;
	int64_t *ids = NULL;

	if (!given)
		return 0;
	for (char *one = strtok_r(list, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
		struct channel channel;

		one += strspn(one, " ");
		if (station_args_channel(ctx, one, arena, &channel, err) < 0)
			return -(int)err->code;
		ARENA_GROW(arena, ids, request->channel_count, cap);
		ids[request->channel_count++] = channel.id;
	}
	if (!ids)
		return err_set(err, ERR_USAGE, "--channels needs a channel; leave it away for all of them");
	request->channels = ids;
	return 0;
}

static void changed(struct command_context *ctx, int64_t id)
{
	if (ctx->server && ctx->server->alert_changed)
		ctx->server->alert_changed(ctx->server->server, id);
}

static int report(struct command_context *ctx, const struct station_time *time, int64_t id, const char *what,
		  struct err *err)
{
	CLEANUP(json_cleanup) json_t *json = NULL;

	db_lock(ctx->db);
	json = alert_json(ctx->db, time, id, err);
	db_unlock(ctx->db);
	if (!json)
		return -(int)err->code;
	if (ctx->json) {
		table_print_json(ctx, json);
	} else if (!ctx->quiet) {
		fprintf(ctx->out, "alert %lld %s\n", (long long)id, what);
	}
	return 0;
}

static int alert_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(station_args_free_time) struct station_time *time = station_args_time(ctx, err);
	struct alert_request request = { .text = ctx->argv[0] };
	int64_t seconds, id;

	if (!time ||
	    command_int(ctx, "priority", 1, ALERT_PRIORITY_MAX, ALERT_PRIORITY, &request.priority, err) < 0 ||
	    command_int(ctx, "for", 1, ALERT_FOR_MS_MAX / 1000, ALERT_FOR_MS / 1000, &seconds, err) < 0 ||
	    take_channels(ctx, &arena, &request, err) < 0)
		return -(int)err->code;
	request.for_ms = seconds * 1000;
	request.resume = command_switch(ctx, "resume");
	if (alert_start(ctx->db, time, &request, &id, err) < 0)
		return -(int)err->code;
	changed(ctx, id);
	return report(ctx, time, id, "goes on the air", err);
}

static int list_run(struct command_context *ctx, struct err *err)
{
	static const struct table_column columns[] = {
		{ "ID", "id", TABLE_NUMBER },	 { "State", "state", TABLE_TEXT },
		{ "Since", "start", TABLE_TIME }, { "Until", "end", TABLE_TIME },
		{ "Priority", "priority", TABLE_NUMBER }, { "Text", "text", TABLE_TEXT },
		{ NULL, NULL, TABLE_TEXT },
	};
	CLEANUP(station_args_free_time) struct station_time *time = station_args_time(ctx, err);

	return table_list(ctx, columns, time ? alert_list_json(ctx->db, time, LISTED, 0, err) : NULL, err);
}

static int cancel_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(station_args_free_time) struct station_time *time = station_args_time(ctx, err);
	int64_t id;

	if (!time || command_id(ctx->argv[0], "alert", "alert list", &id, err) < 0 ||
	    alert_cancel(ctx->db, time, id, err) < 0)
		return -(int)err->code;
	changed(ctx, id);
	return report(ctx, time, id, "ends", err);
}

const struct command alert_command = {
	.name = "alert",
	.args = "TEXT",
	.help = "Break in: a text over the full screen of all channels, for a while.\n"
		"Then what was scheduled goes on as if it had run; with --resume, where it was broken into. Of two alerts at once the one of the higher priority\n"
		"is on, of equals the later.",
	.needs = NEEDS_WRITE,
	.min_args = 1,
	.max_args = 1,
	.options = alert_options,
	.run = alert_run,
};

const struct command alert_list_command = {
	.name = "alert list",
	.args = "",
	.help = "List alerts, the newest first.",
	.needs = NEEDS_READ,
	.run = list_run,
};

const struct command alert_cancel_command = {
	.name = "alert cancel",
	.args = "ID",
	.help = "End an alert with the next segment.",
	.needs = NEEDS_WRITE,
	.min_args = 1,
	.max_args = 1,
	.run = cancel_run,
};
