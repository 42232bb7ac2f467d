/* undo.c - `matinee undo`: takes back what a command or the page moved; see library/journal.h. */
#include <string.h>

#include "base/cleanup.h"
#include "cli/batch_run.h"
#include "cli/table.h"

static const struct table_column columns[] = {
	{ "Batch", "id", TABLE_NUMBER },	{ "When", "at", TABLE_TIME },	{ "What", "kind", TABLE_TEXT },
	{ "Of", "title", TABLE_TEXT },		{ "State", "state", TABLE_TEXT }, { "Steps", "files", TABLE_NUMBER },
	{ "Done", "files_done", TABLE_NUMBER }, { "Bytes", "bytes", TABLE_NUMBER }, { 0 },
};

static int list(struct command_context *ctx, struct err *err)
{
	json_t *json;

	db_lock(ctx->db);
	json = batches_json(ctx->db, NULL, 0, 0, err);
	db_unlock(ctx->db);
	if (table_sort(ctx, "id|at|kind|title|state|files|bytes", json, err) < 0) {
		json_decref(json);
		return -(int)err->code;
	}
	return table_list(ctx, columns, json, err);
}

static int find_batch(struct command_context *ctx, int64_t *ret, struct err *err)
{
	int rc;

	if (ctx->argc)
		return command_id(ctx->argv[0], "batch", "undo --list", ret, err);
	db_lock(ctx->db);
	rc = batches_last_undoable(ctx->db, ret, err);
	db_unlock(ctx->db);
	return rc;
}

/* What would go back, the last first. */
static int preview(struct command_context *ctx, int64_t batch, struct err *err)
{
	CLEANUP(json_cleanup) json_t *json = NULL;
	json_t *back = json_array();
	char a[PATH_TEXT_SIZE], b[PATH_TEXT_SIZE];
	const json_t *moves;

	db_lock(ctx->db);
	json = batches_one_json(ctx->db, batch, 0, 0, err);
	db_unlock(ctx->db);
	moves = json_object_get(json, "moves");
	for (size_t i = json_array_size(moves); i-- > 0;) {
		const json_t *move = json_array_get(moves, i);

		if (strcmp(json_text(move, "state", ""), "done") != 0)
			continue;
		if (!ctx->json)
			fprintf(ctx->out, "%s\t%s\t%s\n", json_text(move, "action", ""),
				batch_path_text(a, json_text(move, "to", json_text(move, "from", ""))),
				batch_path_text(b, json_text(move, "from", "")));
		json_array_append_new(back, json_pack("{s:O, s:O, s:O}", "action", json_object_get(move, "action"), "from",
						      json_object_get(move, "to"), "to", json_object_get(move, "from")));
	}
	if (json && ctx->json)
		table_print_json(ctx, back);
	json_decref(back);
	return json ? 0 : -(int)(err ? err->code : ERR_STORE);
}

static int undo_run(struct command_context *ctx, struct err *err)
{
	struct err busy = { 0 };
	int64_t batch, undo;
	int rc;

	if (journal_recover(ctx->store, &busy) < 0 && !command_switch(ctx, "list"))
		return err_set(err, busy.code, "%s", busy.text);
	if (command_switch(ctx, "list"))
		return list(ctx, err);
	rc = find_batch(ctx, &batch, err);
	if (rc == 0 && command_switch(ctx, "dry-run"))
		return preview(ctx, batch, err);
	if (rc == 0)
		rc = journal_undo(ctx->store, batch, &undo, err);
	return rc < 0 ? rc : batch_run(ctx, undo, "undone", err);
}

static const struct command_option undo_options[] = {
	{ "list", 'l', NULL, NULL, "List what was moved, the newest first." },
	{ "sort", 0, "[-]FIELD", NULL,
	  "The list by id, at, kind, title, state, files or bytes; with - before it from the last to the first." },
	{ "dry-run", 'n', NULL, NULL, "Show what would go back and do nothing." },
	{ 0 },
};

const struct command undo_command = {
	.name = "undo",
	.args = "[BATCH]",
	.help = "Take back what was moved, renamed, retitled or put in the trash.\n"
		"Without BATCH the newest that can be taken back. What was changed or moved by others meanwhile is left and "
		"named. An undo is a batch too and can be undone.",
	.needs = NEEDS_WRITE,
	.flags = COMMAND_MOVES_FILES,
	.max_args = 1,
	.options = undo_options,
	.run = undo_run,
};
