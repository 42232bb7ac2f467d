/* guide.c - `matinee guide [--hours H] [CHANNEL]`: the programmes to come. */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/command.h"
#include "cli/station_args.h"
#include "cli/table.h"
#include "station/guide.h"

static const struct command_option options[] = {
	{ "hours", 'H', "H", NULL, "How far ahead, 1 to 72; 6 without it." },
	{ NULL, 0, NULL, NULL, NULL },
};

static const char *local(const json_t *programme, const char *key, const char *format, char *to, size_t size)
{
	int64_t ms;

	if (clock_parse(json_text(programme, key, ""), &ms, NULL) < 0)
		return "";
	return station_args_local(to, size, format, ms);
}

static size_t add_channel(struct table *table, const json_t *channel)
{
	const json_t *programmes = json_object_get(channel, "programmes");
	char start[64], end[64];

	for (size_t i = 0; i < json_array_size(programmes); i++) {
		const json_t *p = json_array_get(programmes, i);

		table_add_int(table, json_int(channel, "number", 0));
		table_add(table, json_text(channel, "name", ""));
		table_add(table, local(p, "start", "%a %H:%M", start, sizeof(start)));
		table_add(table, local(p, "end", "%H:%M", end, sizeof(end)));
		table_add(table, json_text(p, "title", ""));
		table_add(table, json_text(p, "subtitle", NULL));
	}
	return json_array_size(programmes);
}

static void print_table(struct command_context *ctx, const json_t *channels)
{
	static const struct table_column columns[] = {
		{ "No.", "number", TABLE_NUMBER },    { "Channel", "name", TABLE_TEXT },
		{ "From", "start", TABLE_TEXT },      { "To", "end", TABLE_TEXT },
		{ "Programme", "title", TABLE_TEXT }, { "", "subtitle", TABLE_TEXT },
		{ NULL, NULL, TABLE_TEXT },
	};
	struct table *table = table_new(columns);
	size_t total = 0;

	for (size_t i = 0; i < json_array_size(channels); i++)
		total += add_channel(table, json_array_get(channels, i));
	table_print(table, ctx, (int64_t)total);
	table_free(table);
}

/* Leaves only the channel that was asked for. */
static void keep_one(json_t *channels, int64_t id)
{
	for (size_t i = json_array_size(channels); id && i-- > 0;)
		if (json_int(json_array_get(channels, i), "id", 0) != id)
			json_array_remove(channels, i);
}

static int guide_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(station_args_free_time) struct station_time *time = station_args_time(ctx, err);
	CLEANUP(json_cleanup) json_t *guide = NULL;
	struct channel channel = { 0 };
	int64_t hours, from;

	if (!time || command_int(ctx, "hours", 1, 72, 6, &hours, err) < 0 ||
	    (ctx->argc && station_args_channel(ctx, ctx->argv[0], &arena, &channel, err) < 0))
		return -(int)err->code;
	from = station_to_wall_ms(time, station_now_ns(time));
	guide = guide_json(ctx->db, time, from, from + hours * 3600000, NULL, NULL, err);
	if (!guide)
		return -(int)err->code;
	keep_one(json_object_get(guide, "channels"), channel.id);
	if (ctx->json) {
		table_print_json(ctx, guide);
	} else {
		print_table(ctx, json_object_get(guide, "channels"));
	}
	return 0;
}

const struct command guide_command = {
	.name = "guide",
	.args = "[CHANNEL]",
	.help = "The programmes to come.",
	.needs = NEEDS_READ,
	.max_args = 1,
	.options = options,
	.run = guide_run,
};
