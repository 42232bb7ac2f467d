/* schedule.c - `matinee schedule show|build|export|import`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/yaml.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/station_args.h"
#include "cli/table.h"
#include "station/lineup.h"
#include "station/position.h"
#include "station/timeline_builder.h"
#include "store/loudness.h"
#include "store/timeline.h"

#define HOUR_NS (INT64_C(3600) * CLOCK_SECOND)
#define MAX_FILE (1 << 20)

static const struct command_option hours_options[] = {
	{ "hours", 'H', "H", NULL, "How far ahead, 1 to 72." },
	{ NULL, 0, NULL, NULL, NULL },
};

/* ---- show ---- */

static void add_row(struct table *table, const struct channel *c, const struct station_time *time,
		    const struct timeline_row *row, bool json)
{
	int64_t start = station_to_wall_ms(time, position_ns(c->epoch_ns, row->start_flicks));
	int64_t end = station_to_wall_ms(time, position_ns(c->epoch_ns, timeline_row_end(row)));
	int64_t ms = (timeline_row_end(row) - row->start_flicks) / (PLAN_FLICKS / 1000);
	char text[64];

	table_add(table, json ? clock_format(text, sizeof(text), start) :
				station_args_local(text, sizeof(text), "%a %H:%M:%S", start));
	if (json) {
		table_add(table, clock_format(text, sizeof(text), end));
		table_add_int(table, ms);
	}
	table_add(table, clock_format_duration(text, sizeof(text), ms));
	table_add(table, row->kind);
	table_add(table, row->title);
	table_add_int(table, row->frames);
	table_add_int(table, row->first_seq);
	table_add(table, row->clip.path);
}

static int show_run(struct command_context *ctx, struct err *err)
{
	static const struct table_column columns[] = {
		{ "From", "start", TABLE_TIME },      { "Length", "length", TABLE_TEXT },
		{ "Kind", "kind", TABLE_TEXT },	      { "Title", "title", TABLE_TEXT },
		{ "Frames", "frames", TABLE_NUMBER }, { "Number", "sequence", TABLE_NUMBER },
		{ "File", "path", TABLE_PATH },	      { NULL, NULL, TABLE_TEXT },
	};
	static const struct table_column exact[] = { /* for programs */
		{ "From", "start", TABLE_TIME },      { "To", "end", TABLE_TIME },
		{ "ms", "duration_ms", TABLE_NUMBER }, { "Length", "length", TABLE_TEXT },
		{ "Kind", "kind", TABLE_TEXT },	      { "Title", "title", TABLE_TEXT },
		{ "Frames", "frames", TABLE_NUMBER }, { "Number", "sequence", TABLE_NUMBER },
		{ "File", "path", TABLE_PATH },	      { NULL, NULL, TABLE_TEXT },
	};
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(station_args_free_time) struct station_time *time = station_args_time(ctx, err);
	struct timeline_rows rows;
	struct channel channel;
	struct table *table;
	int64_t hours, now;

	if (!time || command_int(ctx, "hours", 1, 72, 2, &hours, err) < 0 ||
	    station_args_channel(ctx, ctx->argv[0], &arena, &channel, err) < 0)
		return -(int)err->code;
	now = station_now_ns(time);
	if (timeline_window(ctx->db, channel.id, position_flicks(channel.epoch_ns, now),
			    position_flicks(channel.epoch_ns, now + hours * HOUR_NS), SIZE_MAX, &arena, &rows,
			    err) < 0)
		return -(int)err->code;
	table = table_new(ctx->json ? exact : columns);
	for (size_t i = 0; i < rows.count; i++)
		add_row(table, &channel, time, &rows.rows[i], ctx->json);
	table_print(table, ctx, (int64_t)rows.count);
	table_free(table);
	return 0;
}

/* ---- build ---- */

/* Without workers nothing can be heard: who reads that it is built is told what is not so yet. */
static int say_built(struct command_context *ctx, const struct channel *c, json_t *to, struct err *err)
{
	int64_t unknown = 0;
	int rc = 0;

	if (strcmp(options_text(ctx->options, "station.loudness"), "off") != 0) {
		db_lock(ctx->db);
		rc = loudness_unknown(ctx->db, c->id, &unknown, err);
		db_unlock(ctx->db);
	}
	if (rc < 0)
		return rc;
	if (ctx->json) {
		json_array_append_new(to, json_pack("{s:I, s:i, s:s, s:I}", "id", (json_int_t)c->id, "number", c->number, "name",
						    c->name, "unheard", (json_int_t)unknown));
		return 0;
	}
	if (ctx->quiet)
		return 0;
	fprintf(ctx->out, "channel %d '%s' is built\n", c->number, c->name);
	if (unknown)
		fprintf(ctx->out, "%lld of its files have not been heard yet: the server, or 'matinee prepare', brings them to one loudness\n",
			(long long)unknown);
	return 0;
}

static int build_one(struct command_context *ctx, const struct station_time *time, const struct channel *c,
		     int64_t until_ns, json_t *to, struct err *err)
{
	int rc;

	do
		rc = timeline_build(ctx->db, time, c->id, until_ns, 200, err);
	while (rc > 0 && !*ctx->cancelled);
	if (rc > 0)
		return err_set(err, ERR_CONFLICT, "interrupted; channel %d '%s' is built in part, what is built stays", c->number,
			       c->name);
	return rc < 0 ? rc : say_built(ctx, c, to, err);
}

static int build_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(station_args_free_time) struct station_time *time = station_args_time(ctx, err);
	CLEANUP(json_cleanup) json_t *built = json_array();
	struct channel_list list = { 0 };
	struct channel one;
	int64_t hours, until;
	int rc;

	if (!time || command_int(ctx, "hours", 1, 72, 72, &hours, err) < 0)
		return -(int)err->code;
	until = station_now_ns(time) + hours * HOUR_NS;
	if (ctx->argc) {
		rc = station_args_channel(ctx, ctx->argv[0], &arena, &one, err);
		list = (struct channel_list) { &one, 1 };
	} else {
		db_lock(ctx->db);
		rc = channels_list(ctx->db, &arena, &list, err);
		db_unlock(ctx->db);
	}
	for (size_t i = 0; rc >= 0 && i < list.count && !*ctx->cancelled; i++)
		rc = build_one(ctx, time, &list.channels[i], until, built, err);
	if (rc < 0)
		return rc;
	if (ctx->json) {
		CLEANUP(json_cleanup) json_t *all = json_pack("{s:I, s:O}", "total", (json_int_t)json_array_size(built), "items", built);

		table_print_json(ctx, all);
	}
	return 0;
}

/* ---- export and import ---- */

static int export_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *json = NULL;
	CLEANUP(cleanup_free) char *path = ctx->argc > 1 ? command_path(ctx, ctx->argv[1]) : NULL;
	CLEANUP(cleanup_free) char *text = NULL;
	CLEANUP(buf_free) struct buf b = { 0 };
	struct channel channel;
	const char *rules;
	int64_t seed;

	if (station_args_channel(ctx, ctx->argv[0], &arena, &channel, err) < 0 ||
	    schedules_get(ctx->db, channel.id, &arena, &rules, &seed, err) < 0)
		return -(int)err->code;
	json = json_parse(rules, strlen(rules), err);
	if (!json)
		return err_under(err, "the schedule of channel %d", channel.number);
	if (ctx->json) {
		text = json_dumps(json, JSON_INDENT(2));
		buf_addf(&b, "%s\n", text);
	} else {
		yaml_write(&b, json);
	}
	if (path)
		return fs_write_atomic(path, b.data, b.len, err);
	fwrite(b.data, 1, b.len, ctx->out);
	return 0;
}

static int import_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(station_args_free_time) struct station_time *time = station_args_time(ctx, err);
	bool from_file = ctx->argc > 1 && strcmp(ctx->argv[1], "-") != 0;
	CLEANUP(cleanup_free) char *path = from_file ? command_path(ctx, ctx->argv[1]) : NULL;
	CLEANUP(buf_free) struct buf text = BUF_MAX(MAX_FILE);
	CLEANUP(json_cleanup) json_t *rules = NULL;
	struct channel channel;

	if (!path && !ctx->in)
		return err_set(err, ERR_USAGE, "a running server cannot read standard input; give the name of a file");
	if (!time || station_args_channel(ctx, ctx->argv[0], &arena, &channel, err) < 0 ||
	    (path ? buf_read_file(&text, path, err) : buf_read_all(&text, ctx->in, err)) < 0)
		return -(int)err->code;
	rules = yaml_parse(buf_text(&text), text.len, err);
	if (!rules)
		return path ? err_under(err, "'%s'", path) : -(int)err->code;
	buf_reset(&text);
	json_write(&text, rules);
	if (lineup_edit(ctx->db, time, &channel, buf_text(&text), err) < 0)
		return path ? err_under(err, "'%s'", path) : -(int)err->code;
	if (station_args_apply(ctx, time, channel.id, err) < 0)
		return -(int)err->code;
	if (!ctx->quiet && !ctx->json)
		fprintf(ctx->out, "channel %d '%s' has a new schedule\n", channel.number, channel.name);
	return 0;
}

const struct command schedule_show_command = {
	.name = "schedule show",
	.args = "CHANNEL",
	.help = "What a channel airs, to the frame: programmes, breaks, slate.",
	.needs = NEEDS_READ,
	.min_args = 1,
	.max_args = 1,
	.options = hours_options,
	.run = show_run,
};

const struct command schedule_build_command = {
	.name = "schedule build",
	.args = "[CHANNEL]",
	.help = "Build what channels air, up to three days ahead. A server does it by itself.",
	.needs = NEEDS_WRITE,
	.max_args = 1,
	.options = hours_options,
	.run = build_run,
};

const struct command schedule_export_command = {
	.name = "schedule export",
	.args = "CHANNEL [FILE]",
	.help = "Write a channel's schedule as YAML (--json: as JSON), which 'schedule import' reads.",
	.needs = NEEDS_READ,
	.min_args = 1,
	.max_args = 2,
	.run = export_run,
};

const struct command schedule_import_command = {
	.name = "schedule import",
	.args = "CHANNEL [FILE]",
	.help = "Give a channel the schedule of a YAML or JSON file, or of standard input.",
	.needs = NEEDS_WRITE,
	.min_args = 1,
	.max_args = 2,
	.run = import_run,
};
