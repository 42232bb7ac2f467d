/* validate.c - `matinee validate`: can it be played from end to end? docs/metadata.md. */
#include <string.h>

#include "base/cleanup.h"
#include "cli/command.h"
#include "cli/filter_args.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "library/media_work.h"
#include "store/metadata.h"

#define UNCHECKED "is:unchecked"

struct show {
	struct progress line;
	json_t *items; /* of files that were checked */
};

static void on_progress(void *context, double progress, const char *what)
{
	struct show *show = context;

	(void)what;
	progress_show(&show->line, progress, 1, "checking");
}

static void on_file(void *context, int64_t item_id, const struct item_media *file, const json_t *problems)
{
	struct show *show = context;

	json_array_append_new(show->items, json_pack("{s:I,s:o,s:s,s:O}", "item", (json_int_t)item_id, "path",
						     json_from_path(file->path), "result",
						     json_array_size(problems) ? "failed" : "ok", "problems",
						     (json_t *)problems));
}

static void print_failed(struct command_context *ctx, const json_t *items)
{
	static const struct table_column columns[] = {
		{ "Item", "item", TABLE_NUMBER },
		{ "Problem", "problem", TABLE_TEXT },
		{ "File", "path", TABLE_PATH },
		{ NULL, NULL, TABLE_TEXT },
	};
	struct table *table = table_new(columns);
	int64_t total = 0;

	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *file = json_array_get(items, i), *problems = json_object_get(file, "problems");

		for (size_t j = 0; j < json_array_size(problems); j++, total++) {
			table_add_int(table, json_int(file, "item", 0));
			table_add(table, json_string_value(json_array_get(problems, j)));
			table_add(table, json_text(file, "path", ""));
		}
	}
	if (total)
		table_print(table, ctx, total);
	table_free(table);
}

static int validate_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(buf_free)
	struct buf search = filter_arguments(ctx->argc, ctx->argv, ctx->argc ? NULL : UNCHECKED);
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *items = json_array();
	struct show show = { progress_new(ctx), items };
	struct media_work work = { .store = ctx->store,
				   .reader = ctx->db,
				   .workers = 2,
				   .context = &show,
				   .progress = on_progress,
				   .cancelled = ctx->cancelled };
	struct validation_totals totals;
	struct item_ids found;
	int rc;

	if (items_ids(ctx->db, &(struct item_query) { .search = buf_text(&search) }, &arena, &found, err) < 0)
		return -(int)err->code;
	rc = media_work_validate(&work, found.ids, found.count, on_file, &totals, err);
	progress_wipe(&show.line);
	if (rc < 0)
		return rc;
	if (totals.failed && ctx->server && ctx->server->station_changed)
		ctx->server->station_changed(ctx->server->server, 0);
	if (ctx->json) {
		CLEANUP(json_cleanup)
		json_t *json = json_pack("{s:I,s:I,s:I,s:O}", "total", (json_int_t)totals.files, "checked",
					 (json_int_t)totals.files, "failed", (json_int_t)totals.failed,
					 "items", items);

		table_print_json(ctx, json);
		return 0;
	}
	print_failed(ctx, items);
	if (!ctx->quiet)
		fprintf(ctx->err, "%lld files checked, %lld cannot be played\n", (long long)totals.files,
			(long long)totals.failed);
	return 0;
}

const struct command validate_command = {
	.name = "validate",
	.args = "[FILTER...]",
	.help = "Check whether files can be played: decodes their start, middle and end.\n"
		"Without a filter those that were not checked yet, or have changed since. What fails is not "
		"scheduled;\n"
		"'matinee items is:invalid' lists it.",
	.needs = NEEDS_WRITE,
	.max_args = -1,
	.run = validate_run,
};
