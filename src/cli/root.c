/* root.c - `matinee root add|list|remove`: the folders that the library knows. Files are never touched. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "cli/command.h"
#include "cli/table.h"
#include "store/files.h"

#define KINDS "auto|movies|shows|music|commercials|bumpers|idents|promos|filler"
#define PATH_TEXT (PATH_MAX * 3)

/* ---- add ---- */

/* One folder has one name in the store: without symlinks, "..", or a slash at the end. */
static char *real_folder(const struct command_context *ctx, const char *argument, struct err *err)
{
	CLEANUP(cleanup_free) char *path = command_path(ctx, argument);
	char *real = realpath(path, NULL);
	struct stat st;

	if (!real || stat(real, &st) < 0) {
		err_errno(err, "add root '%s'", path);
		free(real);
		return NULL;
	}
	if (!S_ISDIR(st.st_mode)) {
		err_set(err, ERR_INVALID, "add root '%s': it is not a folder", path);
		free(real);
		return NULL;
	}
	return real;
}

static int add_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(cleanup_free) char *path = real_folder(ctx, ctx->argv[0], err);
	const char *kind = command_text(ctx, "kind", "auto");
	char text[PATH_TEXT];
	int64_t id;
	int rc;

	if (!path)
		return -(int)(err ? err->code : ERR_NOT_FOUND);
	db_lock(ctx->db);
	rc = roots_add(ctx->db, path, kind, &id, err);
	db_unlock(ctx->db);
	if (rc < 0)
		return rc;
	if (ctx->json)
		fprintf(ctx->out, "{\"id\":%lld}\n", (long long)id);
	else if (!ctx->quiet)
		fprintf(ctx->err, "root %lld: %s (%s)%s\n", (long long)id, utf8_clean(text, sizeof(text), path), kind,
			ctx->server ? "" : "; 'matinee scan' reads it");
	if (ctx->server && ctx->server->library_changed)
		ctx->server->library_changed(ctx->server->server);
	return 0;
}

static const struct command_option add_options[] = {
	{ "kind", 'k', "KIND", KINDS, "What the folder holds; auto goes by the names of folders and files.", },
	{ 0 },
};

const struct command root_add_command = {
	.name = "root add",
	.args = "PATH",
	.help = "Make a folder of media known.\nFiles are read where they are and never changed by it.",
	.needs = NEEDS_WRITE,
	.min_args = 1,
	.max_args = 1,
	.options = add_options,
	.run = add_run,
};

/* ---- list ---- */

static const struct table_column columns[] = {
	{ "ID", "id", TABLE_NUMBER },	      { "Kind", "kind", TABLE_TEXT }, { "State", "state", TABLE_TEXT },
	{ "Scanned", "scanned", TABLE_TEXT }, { "Path", "path", TABLE_TEXT }, { 0 },
};

static int list_run(struct command_context *ctx, struct err *err)
{
	struct arena arena = { 0 };
	struct root_list list;
	struct table *table;
	char text[PATH_TEXT], time[40];
	int rc = roots_list(ctx->db, &arena, &list, err);

	if (rc == 0) {
		table = table_new(columns);
		for (size_t i = 0; i < list.count; i++) {
			const struct root *root = &list.roots[i];

			table_add_int(table, root->id);
			table_add(table, root->kind);
			table_add(table, root->state);
			table_add(table, root->scanned_ms ? clock_format(time, sizeof(time), root->scanned_ms) : NULL);
			table_add(table, utf8_clean(text, sizeof(text), root->path));
		}
		table_print(table, ctx, (int64_t)list.count);
		table_free(table);
	}
	arena_free(&arena);
	return rc;
}

const struct command root_list_command = {
	.name = "root list",
	.args = "",
	.help = "List the folders that the library knows.",
	.needs = NEEDS_READ,
	.run = list_run,
};

/* ---- remove ---- */

/* By id, by the path as it was given, or by what that path leads to. */
static int find_root(struct command_context *ctx, struct arena *arena, struct root *ret, struct err *err)
{
	CLEANUP(cleanup_free) char *path = command_path(ctx, ctx->argv[0]);
	CLEANUP(cleanup_free) char *real = realpath(path, NULL);
	struct root_list list;
	char *end;
	long long id;

	if (roots_list(ctx->db, arena, &list, err) < 0)
		return -(int)ERR_STORE;
	errno = 0;
	id = strtoll(ctx->argv[0], &end, 10);
	if (end == ctx->argv[0] || *end || errno)
		id = 0;
	for (size_t i = 0; i < list.count; i++) {
		const struct root *root = &list.roots[i];

		if (root->id == id || strcmp(root->path, path) == 0 || (real && strcmp(root->path, real) == 0)) {
			*ret = *root;
			return 0;
		}
	}
	return err_set(err, ERR_NOT_FOUND, "there is no root '%s'; 'matinee root list' shows them", ctx->argv[0]);
}

static bool agreed(struct command_context *ctx)
{
	char answer[16] = "";

	fprintf(ctx->err, "Forget it? [y/N] ");
	fflush(ctx->err);
	return fgets(answer, sizeof(answer), ctx->in) && strcasecmp(answer, "y\n") == 0;
}

static int remove_root(struct command_context *ctx, const struct root *root, struct err *err)
{
	char text[PATH_TEXT];
	int64_t files = 0;

	utf8_clean(text, sizeof(text), root->path);
	if (roots_count_files(ctx->db, root->id, &files, err) < 0)
		return -(int)ERR_STORE;
	if (!ctx->quiet || !command_switch(ctx, "yes"))
		fprintf(ctx->err, "'%s' and what is known of its %lld files: titles, markers, probes. The files stay.\n",
			text, (long long)files);
	if (!command_switch(ctx, "yes") && !agreed(ctx))
		return err_set(err, ERR_USAGE, "nothing was removed; answer y, or give --yes");
	if (roots_remove(ctx->db, root->id, err) < 0)
		return err ? -(int)err->code : -(int)ERR_STORE;
	if (ctx->server && ctx->server->library_changed)
		ctx->server->library_changed(ctx->server->server);
	return 0;
}

static int remove_run(struct command_context *ctx, struct err *err)
{
	struct arena arena = { 0 };
	struct root root;
	int rc;

	rc = find_root(ctx, &arena, &root, err);
	if (rc == 0)
		rc = remove_root(ctx, &root, err);
	arena_free(&arena);
	return rc;
}

static const struct command_option remove_options[] = {
	{ "yes", 'y', NULL, NULL, "Do not ask." },
	{ 0 },
};

const struct command root_remove_command = {
	.name = "root remove",
	.args = "ID|PATH",
	.help = "Forget a folder and what is known of its files.\nThe files themselves are not touched.",
	.needs = NEEDS_WRITE,
	.min_args = 1,
	.max_args = 1,
	.options = remove_options,
	.run = remove_run,
};
