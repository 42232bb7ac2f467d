/* root.c - `matinee root add|list|move|remove`: the folders that the library knows. Files are never touched. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/utf8.h"
#include "cli/command.h"
#include "cli/table.h"
#include "library/roots.h"
#include "store/files.h"

#define PATH_TEXT (PATH_MAX * 3)

/* ---- add ---- */

static int add_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(cleanup_free) char *path = command_path(ctx, ctx->argv[0]);
	const char *kind = command_text(ctx, "kind", "auto");
	char text[PATH_TEXT];
	int64_t id;
	int rc;

	rc = root_add(ctx->db, path, kind, &id, err);
	if (rc < 0)
		return rc;
	if (ctx->json)
		fprintf(ctx->out, "{\"id\":%lld}\n", (long long)id);
	else if (!ctx->quiet)
		fprintf(ctx->err, "root %lld: %s (%s)%s\n", (long long)id, utf8_line(text, sizeof(text), path), kind,
			ctx->server ? "" : "; 'matinee scan' reads it");
	if (ctx->server && ctx->server->library_changed)
		ctx->server->library_changed(ctx->server->server);
	return 0;
}

static const struct command_option add_options[] = {
	{ "kind", 'k', "KIND", ROOT_KINDS, "What the folder holds; auto goes by the names of folders and files.", },
	{ 0 },
};

const struct command root_add_command = {
	.name = "root add",
	.args = "PATH",
	.help = "Make a folder of media known.\nFiles are read where they are and never changed by it.",
	.needs = NEEDS_WRITE,
	.flags = COMMAND_FOUNDS,
	.min_args = 1,
	.max_args = 1,
	.options = add_options,
	.run = add_run,
};

/* ---- list ---- */

static const struct table_column columns[] = {
	{ "ID", "id", TABLE_NUMBER },	      { "Kind", "kind", TABLE_TEXT },   { "State", "state", TABLE_TEXT },
	{ "Scanned", "scanned", TABLE_TIME }, { "Files", "files", TABLE_NUMBER }, { "Waiting", "waiting", TABLE_TEXT },
	{ "Path", "path", TABLE_PATH },	      { 0 },
};

/* "ok, watching 12 folders", "stalled 43 s", "ok, 31 files vanished". */
static void add_state(struct table *table, const struct root *root, const json_t *json)
{
	if (root->stalled_ms)
		table_addf(table, "stalled %lld s", (long long)json_int(json, "stalled_s", 0));
	else if (root->vanished)
		table_addf(table, "%s, %lld files vanished", root->state, (long long)root->vanished);
	else
		table_addf(table, "%s%s%s", root->state, *root->watch ? ", " : "", root->watch);
}

static void add_waiting(struct table *table, const json_t *waiting)
{
	int64_t samples = json_int(waiting, "samples", 0), probes = json_int(waiting, "probes", 0);

	if (samples)
		table_addf(table, "%lld samples, %lld probes", (long long)samples, (long long)probes);
	else if (probes)
		table_addf(table, "%lld probes", (long long)probes);
	else if (json_int(waiting, "full_hashes", 0))
		table_addf(table, "%lld full hashes", (long long)json_int(waiting, "full_hashes", 0));
	else
		table_add(table, "");
}

static int add_row(struct command_context *ctx, struct table *table, const struct root *root, struct err *err)
{
	CLEANUP(json_cleanup) json_t *json = root_json(ctx->db, root, err);

	if (!json)
		return -(int)ERR_STORE;
	table_add_int(table, root->id);
	table_add(table, root->kind);
	add_state(table, root, json);
	table_add(table, json_text(json, "scanned", ""));
	table_add_int(table, json_int(json, "files", 0));
	add_waiting(table, json_object_get(json, "waiting"));
	table_add(table, json_text(json, "path", ""));
	return 0;
}

static int list_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *json = ctx->json ? roots_json(ctx->db, err) : NULL;
	struct root_list list;
	struct table *table;
	int rc;

	if (ctx->json && !json)
		return -(int)ERR_STORE;
	if (ctx->json) {
		table_print_json(ctx, json);
		return 0;
	}
	rc = roots_list(ctx->db, &arena, &list, err);
	if (rc < 0)
		return rc;
	table = table_new(columns);
	for (size_t i = 0; i < list.count && rc == 0; i++)
		rc = add_row(ctx, table, &list.roots[i], err);
	if (rc == 0)
		table_print(table, ctx, (int64_t)list.count);
	table_free(table);
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

/* By id, by the path as it was given, by what that path leads to, or as --json lists it. */
static int find_root(struct command_context *ctx, struct arena *arena, struct root *ret, struct err *err)
{
	CLEANUP(cleanup_free) char *path = command_path(ctx, ctx->argv[0]);
	CLEANUP(cleanup_free) char *real = realpath(path, NULL);
	CLEANUP(cleanup_free) char *listed = json_path_parse(ctx->argv[0]);
	struct root_list list;
	int64_t id = 0;

	if (roots_list(ctx->db, arena, &list, err) < 0)
		return -(int)ERR_STORE;
	number_parse(ctx->argv[0], &id);
	for (size_t i = 0; i < list.count; i++) {
		const struct root *root = &list.roots[i];

		if (root->id == id || strcmp(root->path, path) == 0 || (real && strcmp(root->path, real) == 0) ||
		    strcmp(root->path, listed) == 0) {
			*ret = *root;
			return 0;
		}
	}
	return err_set(err, ERR_NOT_FOUND, "there is no root '%s'; 'matinee root list' shows them", ctx->argv[0]);
}

static bool agreed(struct command_context *ctx)
{
	char answer[16] = "";

	if (!ctx->in) /* sent to a server: nobody can answer there */
		return false;
	fprintf(ctx->err, "Forget it? [y/N] ");
	fflush(ctx->err);
	return fgets(answer, sizeof(answer), ctx->in) && strcasecmp(answer, "y\n") == 0;
}

static int remove_root(struct command_context *ctx, const struct root *root, struct err *err)
{
	char text[PATH_TEXT];
	int64_t files = 0;

	utf8_line(text, sizeof(text), root->path);
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

/* ---- move ---- */

static int move_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(cleanup_free) char *path = command_path(ctx, ctx->argv[1]);
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct root root;
	int rc = find_root(ctx, &arena, &root, err);

	if (rc == 0)
		rc = root_move(ctx->db, &root, path, command_switch(ctx, "force"), err);
	if (rc == 0 && ctx->server && ctx->server->library_changed)
		ctx->server->library_changed(ctx->server->server);
	return rc;
}

static const struct command_option move_options[] = {
	{ "force", 'f', NULL, NULL, "Even when none of its files is there." },
	{ 0 },
};

const struct command root_move_command = {
	.name = "root move",
	.args = "ID|PATH NEWPATH",
	.help = "Tell where a folder is now: its disk is mounted elsewhere, or it was renamed.\n"
		"What is known of its files stays. No file is moved by it.",
	.needs = NEEDS_WRITE,
	.min_args = 2,
	.max_args = 2,
	.options = move_options,
	.run = move_run,
};
