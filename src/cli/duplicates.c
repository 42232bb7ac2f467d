/* duplicates.c - `matinee duplicates`: what is there twice; see library/duplicates.h and docs/duplicates.md. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/batch_run.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "library/duplicates.h"
#include "store/files.h"

static void on_progress(void *context, const struct hash_progress *p)
{
	progress_show(context, (double)p->bytes_done, (double)p->bytes, "reading: %lld of %lld files, %lld of %lld MB",
		      (long long)p->files_done, (long long)p->files, (long long)(p->bytes_done >> 20),
		      (long long)(p->bytes >> 20));
}

/* near is a proposal about another encode, no copy: it is shown, and acted on only when asked for by its name. */
static unsigned kinds_of(const struct command_context *ctx, bool acting)
{
	const char *by = command_text(ctx, "by", acting ? "full" : "all");

	for (enum duplicate_kind kind = DUPLICATE_FULL; kind <= DUPLICATE_NEAR; kind++)
		if (strcmp(by, duplicate_kind_name(kind)) == 0)
			return 1u << kind;
	return acting ? DUPLICATE_ALL & ~(1u << DUPLICATE_NEAR) : DUPLICATE_ALL;
}

static enum duplicate_keep keep_of(const struct command_context *ctx)
{
	const char *keep = command_text(ctx, "keep", "best");

	return strcmp(keep, "oldest") == 0   ? KEEP_OLDEST :
	       strcmp(keep, "newest") == 0   ? KEEP_NEWEST :
	       strcmp(keep, "shortest") == 0 ? KEEP_SHORTEST :
					       KEEP_BEST;
}

/* A root by its path, else words of a filter. */
static int read_query(struct command_context *ctx, struct buf *words, struct arena *arena, struct item_query *ret,
		      struct err *err)
{
	for (int i = 0; i < ctx->argc; i++) {
		CLEANUP(cleanup_free) char *path = command_path(ctx, ctx->argv[i]);
		CLEANUP(cleanup_free) char *real = realpath(path, NULL);
		int64_t root = 0;
		int rc = 0;

		if (real) {
			db_lock(ctx->db);
			rc = moves_root_of(ctx->db, real, &root, err);
			db_unlock(ctx->db);
		}
		if (rc < 0)
			return rc;
		if (root)
			ret->root_path = arena_strdup(arena, real);
		else if (real)
			return err_set(err, ERR_USAGE, "'%s' is no root; 'matinee root list' shows them", real);
		else
			buf_addf(words, "%s%s", words->len ? " " : "", ctx->argv[i]);
	}
	ret->search = words->len ? buf_text(words) : NULL;
	return 0;
}

static void print_groups(struct command_context *ctx, const struct duplicates *all)
{
	char text[PATH_TEXT_SIZE];

	for (size_t i = 0; i < all->count; i++) {
		const struct duplicate_group *group = &all->groups[i];

		if (ctx->out_tty)
			fprintf(ctx->out, "%s: %s; %lld MB to gain\n", duplicate_kind_name(group->kind), group->evidence,
				(long long)(group->reclaim >> 20));
		for (size_t k = 0; k < group->count; k++) {
			const struct duplicate_file *file = &group->files[k];
			CLEANUP(cleanup_free) char *path = NULL;

			if (asprintf(&path, "%s/%s", file->row->root_path, file->row->path) < 0)
				abort();
			batch_path_text(text, path);
			if (ctx->out_tty)
				fprintf(ctx->out, "    %s  %s%s%s%s\n", file->keep ? "keep" : "drop", text,
					file->why ? "  (" : "", file->why ? file->why : "", file->why ? ")" : "");
			else
				fprintf(ctx->out, "%s\t%s\t%lld\t%s\t%s\n", group->id, file->keep ? "keep" : "drop",
					(long long)file->row->identity.size, text, file->why ? file->why : "");
		}
	}
}

/* The groups as --sort says: a list of what they go by is sorted, and they follow. */
static int sort_groups(struct command_context *ctx, struct duplicates *all, struct arena *arena, struct err *err)
{
	struct duplicate_group *groups = arena_alloc(arena, (all->count + 1) * sizeof(*groups));
	CLEANUP(json_cleanup) json_t *list = json_pack("{s:[]}", "items");
	json_t *items = json_object_get(list, "items");

	for (size_t i = 0; i < all->count; i++) {
		groups[i] = all->groups[i];
		json_array_append_new(items, json_pack("{s:s, s:I, s:I, s:I}", "kind", duplicate_kind_name(groups[i].kind),
						       "reclaim_bytes", (json_int_t)groups[i].reclaim, "files",
						       (json_int_t)groups[i].count, "index", (json_int_t)i));
	}
	if (table_sort(ctx, "reclaim_bytes|kind|files", list, err) < 0)
		return -(int)err->code;
	for (size_t i = 0; i < all->count; i++)
		all->groups[i] = groups[json_int(json_array_get(items, i), "index", 0)];
	return 0;
}

static int act(struct command_context *ctx, const struct duplicates *all, struct arena *arena, struct err *err)
{
	struct batch_plan plan = { .kind = "duplicates",
				   .title = command_text(ctx, "by", "full"),
				   .question = "Move what is not kept to the trash?",
				   .done = "put in the trash" };

	if (duplicates_moves(all, arena, &plan.moves, &plan.count, err) < 0)
		return -(int)err->code;
	return batch_ask_and_run(ctx, &plan, err);
}

static int duplicates_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(buf_free) struct buf words = { 0 };
	struct arena arena = { 0 };
	struct progress line = progress_new(ctx);
	bool apply = command_switch(ctx, "apply"), dry_run = command_switch(ctx, "dry-run");
	struct duplicates_request request = { .store = command_switch(ctx, "no-read") ? NULL : ctx->store,
					      .kinds = kinds_of(ctx, apply),
					      .keep = keep_of(ctx),
					      .workers = (unsigned)options_int(ctx->options, "library.probe_workers"),
					      .context = &line,
					      .progress = on_progress,
					      .cancelled = ctx->cancelled };
	struct duplicates all;
	int rc = read_query(ctx, &words, &arena, &request.query, err);

	if (rc == 0 && apply)
		rc = journal_recover(ctx->store, err);
	if (rc >= 0)
		rc = duplicates_find(ctx->db, &request, &arena, &all, err);
	progress_wipe(&line);
	if (rc >= 0 && command_text(ctx, "sort", NULL))
		rc = sort_groups(ctx, &all, &arena, err);
	if (rc >= 0 && ctx->json && (!apply || dry_run)) {
		CLEANUP(json_cleanup) json_t *json = duplicates_json(&all, 0, 0);

		table_print_json(ctx, json);
	} else if (rc >= 0 && !ctx->json) {
		print_groups(ctx, &all);
	}
	if (rc >= 0 && !ctx->quiet)
		fprintf(ctx->err, "%zu groups, %lld MB to gain; %lld MB read\n", all.count, (long long)(all.reclaim >> 20),
			(long long)(all.read_bytes >> 20));
	if (rc >= 0 && apply && !dry_run)
		rc = act(ctx, &all, &arena, err);
	arena_free(&arena);
	return rc < 0 ? rc : 0;
}

static const struct command_option duplicates_options[] = {
	{ "by", 'b', "KIND", "all|full|sample|essence|near",
	  "full: all bytes; sample: head, middle, tail; essence: pictures and sound; near: other encodes of an item." },
	{ "keep", 'k', "WHICH", "best|oldest|newest|shortest", "Which copy stays; best unless told." },
	{ "sort", 0, "[-]FIELD", NULL, "reclaim_bytes, kind or files; with - before it from the last to the first." },
	{ "no-read", 0, NULL, NULL, "Go by the hashes that are known and read no file." },
	{ "apply", 0, NULL, NULL, "Move the others to the trash; full copies only, unless --by says otherwise." },
	{ "dry-run", 'n', NULL, NULL, "Show what --apply would do and do nothing." },
	{ "yes", 'y', NULL, NULL, "Do not ask." },
	{ 0 },
};

const struct command duplicates_command = {
	.name = "duplicates",
	.args = "[ROOT|QUERY...]",
	.help = "List files that are there twice, with the evidence and which to keep.\n"
		"Names of one file (hard links) are one file: there is nothing to gain. With --apply the others go to the trash on "
		"their own disk, after a last look at both; 'matinee undo' brings them back.",
	.needs = NEEDS_WRITE,
	.flags = COMMAND_MOVES_FILES,
	.max_args = -1,
	.options = duplicates_options,
	.run = duplicates_run,
};
