/* now.c - `matinee now [CHANNEL]`: what is on, until when, and what is next. */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/command.h"
#include "cli/station_args.h"
#include "cli/table.h"
#include "station/guide.h"

static int add_clock(struct table *table, const json_t *programme, const char *key)
{
	const char *text = json_text(programme, key, NULL);
	char local[64];
	int64_t ms;

	if (!text || clock_parse(text, &ms, NULL) < 0)
		table_add(table, NULL);
	else
		table_add(table, station_args_local(local, sizeof(local), "%H:%M", ms));
	return 0;
}

static void add_title(struct table *table, const json_t *programme)
{
	const char *title = json_text(programme, "title", NULL),
		   *subtitle = json_text(programme, "subtitle", NULL);

	if (title && subtitle)
		table_addf(table, "%s: %s", title, subtitle);
	else
		table_add(table, title);
}

static void print_table(struct command_context *ctx, const json_t *list)
{
	static const struct table_column columns[] = {
		{ "No.", "number", TABLE_NUMBER }, { "Channel", "name", TABLE_TEXT },
		{ "On now", "now", TABLE_TEXT },   { "Until", "until", TABLE_TEXT },
		{ "Next", "next", TABLE_TEXT },	   { NULL, NULL, TABLE_TEXT },
	};
	struct table *table = table_new(columns);

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i), *now = json_object_get(one, "now");

		table_add_int(table, json_int(one, "number", 0));
		table_add(table, json_text(one, "name", ""));
		add_title(table, now);
		add_clock(table, now, "end");
		add_title(table, json_object_get(one, "next"));
	}
	table_print(table, ctx, (int64_t)json_array_size(list));
	table_free(table);
}

static int now_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(station_args_free_time) struct station_time *time = station_args_time(ctx, err);
	CLEANUP(json_cleanup) json_t *list = NULL;
	struct channel channel = { 0 };

	if (!time || (ctx->argc && station_args_channel(ctx, ctx->argv[0], &arena, &channel, err) < 0))
		return -(int)err->code;
	list = guide_now(ctx->db, time, channel.id, station_now_ns(time), err);
	if (!list)
		return -(int)err->code;
	if (ctx->json) {
		table_print_json(ctx, list);
	} else {
		print_table(ctx, list);
	}
	return 0;
}

const struct command now_command = {
	.name = "now",
	.args = "[CHANNEL]",
	.help = "What is on, and what is next.",
	.needs = NEEDS_READ,
	.max_args = 1,
	.run = now_run,
};
