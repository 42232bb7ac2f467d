/* as_run.c - `matinee as-run`: what was really sent. How that is known: station/as_run.h. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/command.h"
#include "cli/station_args.h"
#include "cli/table.h"
#include "station/as_run.h"

#define HOUR_NS (INT64_C(3600) * CLOCK_SECOND)

static const struct command_option as_run_options[] = {
	{ "hours", 'H', "H", NULL, "How far back, 1 to 720; 24 unless told." },
	{ NULL, 0, NULL, NULL, NULL },
};

static void print_table(struct command_context *ctx, const json_t *list)
{
	static const struct table_column columns[] = {
		{ "No.", "channel", TABLE_NUMBER },   { "Start", "start", TABLE_TIME },
		{ "End", "end", TABLE_TIME },	      { "Kind", "kind", TABLE_TEXT },
		{ "Title", "title", TABLE_TEXT },     { "Status", "status", TABLE_TEXT },
		{ "Note", "note", TABLE_TEXT },	      { NULL, NULL, TABLE_TEXT },
	};
	static const char *const keys[] = { "start", "end", "kind", "title", "status", "note" };
	const json_t *items = json_object_get(list, "items");
	struct table *table = table_new(columns);

	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *one = json_array_get(items, i);

		table_add_int(table, json_int(one, "channel", 0));
		for (size_t k = 0; k < ARRAY_LEN(keys); k++)
			table_add(table, json_text(one, keys[k], ""));
	}
	table_print(table, ctx, (int64_t)json_array_size(items));
	table_free(table);
}

static int as_run_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(station_args_free_time) struct station_time *time = station_args_time(ctx, err);
	CLEANUP(json_cleanup) json_t *list = NULL;
	struct channel channel = { 0 };
	int64_t hours, now;

	if (!time || command_int(ctx, "hours", 1, 720, 24, &hours, err) < 0 ||
	    (ctx->argc && station_args_channel(ctx, ctx->argv[0], &arena, &channel, err) < 0))
		return -(int)err->code;
	now = station_now_ns(time);
	list = as_run_json(ctx->db, time, channel.id, now - hours * HOUR_NS, now, err);
	if (!list)
		return -(int)err->code;
	if (ctx->json) {
		table_print_json(ctx, list);
	} else {
		print_table(ctx, list);
	}
	return 0;
}

const struct command as_run_command = {
	.name = "as-run",
	.args = "[CHANNEL]",
	.help = "What was really sent: as planned, or an alert, a source that failed, or slate for what came late.",
	.needs = NEEDS_READ,
	.max_args = 1,
	.options = as_run_options,
	.run = as_run_run,
};
