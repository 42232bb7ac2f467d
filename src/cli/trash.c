/* trash.c - `matinee trash list|empty`: what duplicates and junk put aside; see library/trash.h. */

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/batch_run.h"
#include "cli/table.h"
#include "library/trash.h"

static const struct table_column columns[] = {
	{ "Batch", "batch", TABLE_NUMBER }, { "When", "at", TABLE_TIME }, { "Size", "size", TABLE_NUMBER },
	{ "Was", "path", TABLE_PATH },	    { 0 },
};

#define SORT_KEYS "at|size|path|batch"

static int list_run(struct command_context *ctx, struct err *err)
{
	json_t *list = trash_json(ctx->db, INT64_MAX, err);

	if (table_sort(ctx, SORT_KEYS, list, err) < 0) {
		json_decref(list);
		return -(int)err->code;
	}
	return table_list(ctx, columns, list, err);
}

static const struct command_option list_options[] = {
	{ "sort", 0, "[-]FIELD", NULL, "at, size, path or batch; with - before it from the last to the first." },
	{ 0 },
};

const struct command trash_list_command = {
	.name = "trash list",
	.args = "",
	.help = "List what is in the trash.\nA batch comes back by 'matinee undo BATCH'.",
	.needs = NEEDS_READ,
	.options = list_options,
	.run = list_run,
};

static int empty_run(struct command_context *ctx, struct err *err)
{
	const char *older = command_text(ctx, "older-than", NULL);
	struct trash_totals totals = { 0 };
	CLEANUP(json_cleanup) json_t *json = NULL;
	int64_t age = 0, before;
	char question[120];
	int rc;

	if (older && clock_parse_duration(older, &age, err) < 0)
		return err_under(err, "--older-than");
	before = clock_wall_ms() - age + 1;
	db_lock(ctx->db);
	json = trash_json(ctx->db, before, err);
	db_unlock(ctx->db);
	if (!json)
		return -(int)(err ? err->code : ERR_STORE);
	if (command_switch(ctx, "dry-run")) {
		table_print_json(ctx, json);
		return 0;
	}
	snprintf(question, sizeof(question), "Delete %lld files (%lld MB) for good?", (long long)json_int(json, "total", 0),
		 (long long)(json_int(json, "bytes", 0) >> 20));
	if (batch_agreed(ctx, question, err) < 0)
		return -(int)ERR_USAGE;
	rc = trash_empty(ctx->store, before, ctx->cancelled, &totals, err);
	if (ctx->json)
		fprintf(ctx->out, "{\"files\":%lld,\"bytes\":%lld,\"failed\":%lld}\n", (long long)totals.files,
			(long long)totals.bytes, (long long)totals.failed);
	else if (!ctx->quiet)
		fprintf(ctx->err, "%lld files deleted, %lld MB free now, %lld left\n", (long long)totals.files,
			(long long)(totals.bytes >> 20), (long long)totals.failed);
	if (rc == 0 && totals.failed)
		rc = err_set(err, ERR_IO, "%lld file%s could not be deleted and stay%s in the trash; is the disk there?",
			     (long long)totals.failed, totals.failed == 1 ? "" : "s", totals.failed == 1 ? "s" : "");
	return rc;
}

static const struct command_option empty_options[] = {
	{ "older-than", 0, "TIME", NULL, "Only what was put there longer ago, like 30d." },
	{ "dry-run", 'n', NULL, NULL, "Show what would be deleted, as JSON, and do nothing." },
	{ "yes", 'y', NULL, NULL, "Do not ask." },
	{ 0 },
};

const struct command trash_empty_command = {
	.name = "trash empty",
	.args = "",
	.help = "Delete what is in the trash for good.\nOnly what Matinee put there; it cannot be undone.",
	.needs = NEEDS_WRITE,
	.flags = COMMAND_MOVES_FILES,
	.options = empty_options,
	.run = empty_run,
};
