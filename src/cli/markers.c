/* markers.c - `matinee markers list|add|set|remove|generate`: break points and chapters of an item.
 * docs/metadata.md. */

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "library/media_work.h"
#include "store/items.h"

#define KINDS "break|chapter|intro|credits"

static void changed(struct command_context *ctx)
{
	if (ctx->server && ctx->server->station_changed)
		ctx->server->station_changed(ctx->server->server, 0);
}

static void add_time(struct table *table, int64_t ms)
{
	char text[32];

	table_add(table, ms ? clock_format_duration(text, sizeof(text), ms) : NULL);
}

static int list_run(struct command_context *ctx, struct err *err)
{
	static const struct table_column columns[] = {
		{ "ID", "id", TABLE_NUMBER },	  { "Kind", "kind", TABLE_TEXT },
		{ "Start", "start", TABLE_TIME }, { "End", "end", TABLE_TIME },
		{ "Title", "title", TABLE_TEXT }, { "Source", "source", TABLE_TEXT },
		{ NULL, NULL, TABLE_TEXT },
	};
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct marker_list list;
	struct item item;
	struct table *table;
	int64_t id;

	if (command_id(ctx->argv[0], "item", "items", &id, err) < 0 || items_get(ctx->db, id, &arena, &item, err) < 0 ||
	    markers_list(ctx->db, id, &arena, &list, err) < 0)
		return -(int)err->code;
	if (ctx->json) {
		CLEANUP(json_cleanup)
		json_t *json = json_pack("{s:I,s:[]}", "total", (json_int_t)list.count, "items");

		for (size_t i = 0; i < list.count; i++)
			json_array_append_new(json_object_get(json, "items"), marker_json(&list.markers[i]));
		table_print_json(ctx, json);
		return 0;
	}
	table = table_new(columns);
	for (size_t i = 0; i < list.count; i++) {
		const struct marker *m = &list.markers[i];
		char text[32];

		table_add_int(table, m->id);
		table_add(table, m->kind);
		table_add(table, clock_format_duration(text, sizeof(text), m->start_ms));
		add_time(table, m->end_ms);
		table_add(table, m->title);
		table_add(table, m->source);
	}
	table_print(table, ctx, (int64_t)list.count);
	table_free(table);
	return 0;
}

/* --kind, --at, --end and --title over what stands in `m`. */
static int take_options(struct command_context *ctx, struct marker *m, struct err *err)
{
	const char *at = command_text(ctx, "at", NULL), *end = command_text(ctx, "end", NULL);

	m->kind = command_text(ctx, "kind", m->kind);
	m->title = command_text(ctx, "title", m->title);
	if (at && clock_parse_duration(at, &m->start_ms, err) < 0)
		return -(int)err->code;
	if (end && !*end)
		m->end_ms = 0;
	else if (end && clock_parse_duration(end, &m->end_ms, err) < 0)
		return -(int)err->code;
	return 0;
}

static int say(struct command_context *ctx, const struct marker *m)
{
	char text[32];

	if (ctx->json) {
		CLEANUP(json_cleanup) json_t *json = marker_json(m);

		table_print_json(ctx, json);
	} else if (!ctx->quiet) {
		fprintf(ctx->out, "marker %lld: %s at %s\n", (long long)m->id, m->kind,
			clock_format_duration(text, sizeof(text), m->start_ms));
	}
	return 0;
}

static int add_run(struct command_context *ctx, struct err *err)
{
	struct marker m = { .kind = "break", .title = "", .source = "manual" };
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct item item;
	int64_t id;
	int rc;

	if (command_id(ctx->argv[0], "item", "items", &id, err) < 0 ||
	    clock_parse_duration(ctx->argv[1], &m.start_ms, err) < 0 || take_options(ctx, &m, err) < 0 ||
	    items_get(ctx->db, id, &arena, &item, err) < 0)
		return -(int)err->code;
	db_lock(ctx->db);
	rc = markers_add(ctx->db, id, &m, &m.id, err);
	db_unlock(ctx->db);
	if (rc < 0)
		return rc == -(int)ERR_EXISTS ? -(int)ERR_EXISTS : rc;
	changed(ctx);
	return say(ctx, &m);
}

static int set_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct marker m;
	int64_t item, id;
	int rc;

	if (command_id(ctx->argv[0], "item", "items", &item, err) < 0 ||
	    command_id(ctx->argv[1], "marker", NULL, &id, err) < 0 ||
	    markers_get(ctx->db, item, id, &arena, &m, err) < 0 || take_options(ctx, &m, err) < 0)
		return -(int)err->code;
	db_lock(ctx->db);
	rc = markers_set(ctx->db, item, &m, err);
	db_unlock(ctx->db);
	if (rc < 0)
		return rc;
	changed(ctx);
	return say(ctx, &m);
}

static int remove_run(struct command_context *ctx, struct err *err)
{
	int64_t item, id;
	int rc = 0;

	if (command_id(ctx->argv[0], "item", "items", &item, err) < 0)
		return -(int)ERR_USAGE;
	for (int i = 1; rc == 0 && i < ctx->argc; i++) {
		if (command_id(ctx->argv[i], "marker", NULL, &id, err) < 0)
			return -(int)ERR_USAGE;
		db_lock(ctx->db);
		rc = markers_remove(ctx->db, item, id, err);
		db_unlock(ctx->db);
	}
	if (rc == 0)
		changed(ctx);
	return rc;
}

/* ---- generate ---- */

static void on_progress(void *context, double progress, const char *what)
{
	(void)what;
	progress_show(context, progress, 1, "looking");
}

static void print_points(struct command_context *ctx, const struct break_points *points)
{
	static const struct table_column columns[] = {
		{ "At", "at", TABLE_TEXT },
		{ "Score", "score", TABLE_NUMBER },
		{ "Black", "black", TABLE_TEXT },
		{ "Silence", "silence", TABLE_TEXT },
		{ "Level", "level_db", TABLE_NUMBER },
		{ "Break", "chosen", TABLE_TEXT },
		{ NULL, NULL, TABLE_TEXT },
	};
	struct table *table = table_new(columns);

	for (size_t i = 0; i < points->count; i++) {
		const struct break_point *b = &points->points[i];
		char at[32];

		table_add(table, clock_format_duration(at, sizeof(at), b->place.at_ms));
		table_addf(table, "%.0f", b->score);
		add_time(table, b->place.black_ms);
		add_time(table, b->place.silence_ms);
		table_addf(table, "%.0f", b->place.level_db);
		table_add(table, b->chosen ? "yes" : b->why);
	}
	table_print(table, ctx, (int64_t)points->count);
	table_free(table);
}

static int print_all(struct command_context *ctx, const struct breaks_totals *t)
{
	if (ctx->json) {
		CLEANUP(json_cleanup)
		json_t *json = json_pack("{s:I,s:I,s:I}", "items", (json_int_t)t->done, "breaks", (json_int_t)t->breaks, "failed",
					 (json_int_t)t->failed);

		table_print_json(ctx, json);
	} else if (!ctx->quiet) {
		fprintf(ctx->out, "%lld items looked at, %lld breaks set, %lld could not be looked at\n", (long long)t->done,
			(long long)t->breaks, (long long)t->failed);
	}
	return 0;
}

static int generate_all(struct command_context *ctx, const struct media_work *work, struct progress *line, struct err *err)
{
	const char *longer = command_text(ctx, "longer", NULL);
	int64_t longer_ms = BREAKS_LONGER_MS;
	struct breaks_totals totals = { 0 };
	int rc;

	if (ctx->argc)
		return err_set(err, ERR_USAGE, "either an item or --all");
	if (longer && clock_parse_duration(longer, &longer_ms, err) < 0)
		return -(int)err->code;
	rc = media_work_breaks_all(work, longer_ms, &totals, err);
	progress_wipe(line);
	if (totals.breaks)
		changed(ctx);
	return rc < 0 ? rc : print_all(ctx, &totals);
}

static int generate_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	bool apply = command_switch(ctx, "apply");
	struct progress line = progress_new(ctx);
	struct media_work work = { .store = ctx->store,
				   .reader = ctx->db,
				   .context = &line,
				   .progress = on_progress,
				   .cancelled = ctx->cancelled };
	struct break_points points;
	int64_t item;
	int rc;

	if (command_switch(ctx, "all"))
		return generate_all(ctx, &work, &line, err);
	if (!ctx->argc)
		return err_set(err, ERR_USAGE, "which item? give its number, or --all");
	if (command_id(ctx->argv[0], "item", "items", &item, err) < 0)
		return -(int)ERR_USAGE;
	rc = media_work_breaks(&work, item, apply, &arena, &points, err);
	progress_wipe(&line);
	if (rc < 0)
		return rc;
	if (apply)
		changed(ctx);
	if (ctx->json) {
		CLEANUP(json_cleanup) json_t *json = media_work_breaks_json(&points, apply);

		table_print_json(ctx, json);
		return 0;
	}
	print_points(ctx, &points);
	if (!apply && !ctx->quiet && ctx->out_tty)
		fputs("nothing was set; --apply sets the breaks\n", ctx->err);
	return 0;
}

#define MARKER_OPTIONS \
	{ "end", 'e', "TIME", NULL, "Where it ends: a break that replaces this stretch; '' for none." }, \
		{ "kind", 'k', "KIND", KINDS, "What it is; a break unless told." }, \
	{ \
		"title", 't', "TEXT", NULL, "Its title." \
	}

static const struct command_option add_options[] = { MARKER_OPTIONS, { 0 } };
static const struct command_option set_options[] = { { "at", 'a', "TIME", NULL, "Where it is: hh:mm:ss.ff." },
						     MARKER_OPTIONS,
						     { 0 } };
static const struct command_option generate_options[] = {
	{ "apply", 0, NULL, NULL, "Sets the breaks; those of an earlier look go, all others stay." },
	{ "all", 0, NULL, NULL, "Looks through every film and episode that has no break and was not looked through, and sets what it finds." },
	{ "longer", 0, "TIME", NULL, "With --all: only what lasts at least so long; 10 minutes unless told." },
	{ 0 },
};

const struct command markers_list_command = {
	.name = "markers list",
	.args = "ITEM",
	.help = "List the break points and chapters of an item.",
	.needs = NEEDS_READ,
	.min_args = 1,
	.max_args = 1,
	.run = list_run,
};
const struct command markers_add_command = {
	.name = "markers add",
	.args = "ITEM TIME",
	.help = "Add a break point, or with --kind another marker, at hh:mm:ss.ff.",
	.needs = NEEDS_WRITE,
	.min_args = 2,
	.max_args = 2,
	.options = add_options,
	.run = add_run,
};
const struct command markers_set_command = {
	.name = "markers set",
	.args = "ITEM MARKER",
	.help = "Change a marker; it is yours from then on.",
	.needs = NEEDS_WRITE,
	.min_args = 2,
	.max_args = 2,
	.options = set_options,
	.run = set_run,
};
const struct command markers_remove_command = {
	.name = "markers remove",
	.args = "ITEM MARKER...",
	.help = "Remove markers. The file is not touched.",
	.needs = NEEDS_WRITE,
	.min_args = 2,
	.max_args = -1,
	.run = remove_run,
};
const struct command markers_generate_command = {
	.name = "markers generate",
	.args = "[ITEM]",
	.help = "Look for break points where the picture is black and the sound is silent.\n"
		"Prints what was found, with scores; --apply sets the best of them. A server does --all by itself, in the part of the\n"
		"day that library.find_breaks says.",
	.needs = NEEDS_WRITE,
	.max_args = 1,
	.options = generate_options,
	.run = generate_run,
};
