/* junk.c - `matinee junk`: what lies in the folders and is of no use; see library/junk.h and docs/duplicates.md. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/batch_run.h"
#include "cli/options.h"
#include "cli/table.h"
#include "library/junk.h"

static const struct table_column columns[] = {
	{ "Size", "size", TABLE_NUMBER }, { "Reason", "reason", TABLE_TEXT }, { "Path", "path", TABLE_PATH }, { 0 },
};

static int read_root(struct command_context *ctx, int64_t *ret, struct err *err)
{
	CLEANUP(cleanup_free) char *path = ctx->argc ? command_path(ctx, ctx->argv[0]) : NULL;
	CLEANUP(cleanup_free) char *real = path ? realpath(path, NULL) : NULL;
	int rc;

	if (!path)
		return 0;
	db_lock(ctx->db);
	rc = moves_root_of(ctx->db, real ? real : path, ret, err);
	db_unlock(ctx->db);
	if (rc == 0 && !*ret)
		return err_set(err, ERR_NOT_FOUND, "'%s' is no root; 'matinee root list' shows them", path);
	return rc;
}

static int print_list(struct command_context *ctx, const struct junk *junk, const struct junk_list *list, struct err *err)
{
	CLEANUP(json_cleanup) json_t *json = junk_json(list, 0, 0, 0);
	struct table *table;
	const json_t *item;
	char text[PATH_TEXT_SIZE];
	size_t i;

	if (table_sort(ctx, "size|reason|path", json, err) < 0)
		return -(int)err->code;
	if (ctx->json) {
		json_object_set_new(json, "unread", junk_unread_json(junk));
		table_print_json(ctx, json);
		return 0;
	}
	table = table_new(columns);
	json_array_foreach(json_object_get(json, "items"), i, item)
	{
		table_add_int(table, json_int(item, "size", 0));
		table_add(table, json_text(item, "reason", ""));
		table_add(table, batch_path_text(text, json_text(item, "path", "")));
	}
	table_print(table, ctx, (int64_t)list->count);
	table_free(table);
	if (!ctx->quiet)
		fprintf(ctx->err, "%zu, %lld MB\n", list->count, (long long)(list->bytes >> 20));
	return 0;
}

static void tell_unread(const struct command_context *ctx, const struct junk *junk)
{
	char text[PATH_TEXT_SIZE];

	for (size_t i = 0; i < junk->unread_count; i++)
		fprintf(ctx->err, "matinee: %s was not looked at: %s\n", batch_path_text(text, junk->unread[i].root_path),
			junk->unread[i].why);
}

static int act(struct command_context *ctx, const struct junk *junk, struct arena *arena, struct err *err)
{
	struct batch_plan plan = {
		.kind = "junk", .title = "", .question = "Move all of it to the trash?", .done = "put in the trash"
	};

	if (junk_moves(junk, NULL, 0, arena, &plan.moves, &plan.count, err) < 0)
		return -(int)err->code;
	return batch_ask_and_run(ctx, &plan, err);
}

static int junk_run(struct command_context *ctx, struct err *err)
{
	struct junk_request request = { .globs = options_text(ctx->options, "organize.junk"),
					.never = options_text(ctx->options, "organize.never_junk"),
					.cancelled = ctx->cancelled };
	bool apply = command_switch(ctx, "apply"), dry_run = command_switch(ctx, "dry-run");
	bool unknown = command_switch(ctx, "unknown");
	struct arena arena = { 0 };
	struct junk junk;
	int64_t settle = 0;
	int rc = command_int(ctx, "settle", 0, 31536000, 86400, &settle, err);

	if (rc == 0 && apply && unknown)
		rc = err_set(err, ERR_USAGE, "what no rule knows is listed and never moved; name it by organize.junk first");
	if (rc == 0)
		rc = read_root(ctx, &request.root_id, err);
	request.settle_ms = settle * 1000;
	if (rc == 0 && apply)
		rc = journal_recover(ctx->store, err);
	if (rc >= 0)
		rc = junk_find(ctx->db, &request, &arena, &junk, err);
	if (rc >= 0)
		tell_unread(ctx, &junk);
	if (rc >= 0 && (!apply || dry_run || !ctx->json))
		rc = print_list(ctx, &junk, unknown ? &junk.unknown : &junk.junk, err);
	if (rc >= 0 && apply && !dry_run)
		rc = act(ctx, &junk, &arena, err);
	arena_free(&arena);
	return rc < 0 ? rc : 0;
}

static const struct command_option junk_options[] = {
	{ "unknown", 'u', NULL, NULL, "List files that are neither media nor belong to media nor are junk." },
	{ "settle", 0, "SECONDS", NULL, "Leave what changed so short a time ago, a day unless told: it may be a download." },
	{ "sort", 0, "[-]FIELD", NULL, "size, reason or path; with - before it from the last to the first." },
	{ "apply", 0, NULL, NULL, "Move it to the trash, and remove empty folders." },
	{ "dry-run", 'n', NULL, NULL, "Show what --apply would do and do nothing." },
	{ "yes", 'y', NULL, NULL, "Do not ask." },
	{ 0 },
};

const struct command junk_command = {
	.name = "junk",
	.args = "[ROOT]",
	.help = "List partial downloads, archives, samples, empty folders and what systems leave behind.\n"
		"Media, subtitles, NFO files and pictures are never junk. With --apply it goes to the trash, and "
		"'matinee undo' brings it back. More globs and more extensions that are never junk: organize.junk and "
		"organize.never_junk in the configuration.",
	.needs = NEEDS_WRITE,
	.flags = COMMAND_MOVES_FILES,
	.max_args = 1,
	.options = junk_options,
	.run = junk_run,
};
