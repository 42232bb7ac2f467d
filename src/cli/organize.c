/* organize.c - `matinee organize`: files by a naming template; see library/organize_plan.h and docs/organize.md. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "cli/batch_run.h"
#include "cli/options.h"
#include "cli/table.h"
#include "library/organize_plan.h"
#include "library/template.h"

struct asked {
	struct organize_request request;
	struct buf words; /* the query */
	char **paths;
	size_t path_count;
	char *to, *garbage;
};

static void asked_free(struct asked *asked)
{
	for (size_t i = 0; i < asked->path_count; i++)
		free(asked->paths[i]);
	free(asked->paths);
	free(asked->to);
	free(asked->garbage);
	buf_free(&asked->words);
}

static const char *given(const char *text)
{
	return text && *text ? text : NULL;
}

/* What is there as a file or folder, or looks like a path, is one; the rest is a query. */
static int read_arguments(struct command_context *ctx, struct asked *asked, struct err *err)
{
	asked->paths = calloc((size_t)ctx->argc + 1, sizeof(char *));
	if (!asked->paths)
		abort();
	for (int i = 0; i < ctx->argc; i++) {
		CLEANUP(cleanup_free) char *path = command_path(ctx, ctx->argv[i]);
		char *real = realpath(path, NULL);

		if (real) {
			asked->paths[asked->path_count++] = real;
		} else if (strchr(ctx->argv[i], '/')) {
			return err_errno(err, "organize '%s'", path);
		} else {
			if (asked->words.len)
				buf_addc(&asked->words, ' ');
			buf_adds(&asked->words, ctx->argv[i]);
		}
	}
	asked->request.paths = asked->path_count ? (const char *const *)asked->paths : NULL;
	asked->request.query.search = given(buf_text(&asked->words));
	return 0;
}

static int read_folder(struct command_context *ctx, struct asked *asked, struct err *err)
{
	const char *to = command_text(ctx, "to", NULL);
	CLEANUP(cleanup_free) char *path = to ? command_path(ctx, to) : NULL;
	struct stat st;

	if (!path)
		return 0;
	asked->to = realpath(path, NULL);
	if (!asked->to || stat(asked->to, &st) < 0)
		return err_errno(err, "--to '%s'", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_USAGE, "--to '%s': it is not a folder", path);
	asked->request.to = asked->to;
	return 0;
}

/* Titles and times are on in preset perpetual, as its seed has them, and off elsewhere. */
static bool wants(struct command_context *ctx, const char *yes, const char *no, const struct organize_request *request)
{
	if (command_switch(ctx, no))
		return false;
	return command_switch(ctx, yes) || (!request->template && strcmp(request->preset, "perpetual") == 0);
}

static int read_request(struct command_context *ctx, struct asked *asked, struct err *err)
{
	struct organize_request *request = &asked->request;
	const char *garbage = command_text(ctx, "garbage-words", options_text(ctx->options, "organize.garbage_words"));
	int64_t settle;

	request->template = given(command_text(ctx, "template", NULL));
	if (!request->template && !command_text(ctx, "preset", NULL))
		request->template = given(options_text(ctx->options, "organize.template"));
	request->preset = command_text(ctx, "preset", options_text(ctx->options, "organize.preset"));
	request->action = command_text(ctx, "action", "move");
	if (command_int(ctx, "settle", 0, 86400, options_int(ctx->options, "organize.settle") / 1000, &settle, err) < 0)
		return -(int)ERR_USAGE;
	request->settle_ms = settle * 1000;
	request->titles = wants(ctx, "titles", "no-titles", request);
	request->times = wants(ctx, "times", "no-times", request);
	request->station_now_ns = batch_station_now(ctx);
	if (given(garbage)) {
		asked->garbage = command_path(ctx, garbage);
		request->garbage = asked->garbage;
	}
	if (read_folder(ctx, asked, err) < 0)
		return -(int)(err ? err->code : ERR_USAGE);
	return read_arguments(ctx, asked, err);
}

/* ---- the preview ---- */

static void print_lines(struct command_context *ctx, const json_t *moves)
{
	const json_t *move;
	char a[PATH_TEXT_SIZE], b[PATH_TEXT_SIZE];
	size_t i, k;

	json_array_foreach(moves, i, move)
	{
		const json_t *sidecar;

		fprintf(ctx->out, "%s\t%s\t%s\t%s\n", json_text(move, "state", ""),
			batch_path_text(a, json_text(move, "from", "")), batch_path_text(b, json_text(move, "to", "")),
			json_text(move, "why", ""));
		if (strcmp(json_text(move, "state", ""), "ok") != 0)
			continue;
		json_array_foreach(json_object_get(move, "sidecars"), k, sidecar)
		{
			fprintf(ctx->out, "with\t%s\t%s\t\n", batch_path_text(a, json_text(sidecar, "from", "")),
				batch_path_text(b, json_text(sidecar, "to", "")));
		}
	}
}

/* A folder once, then its files; what cannot be moved with its reason below. */
static int by_new_path(const void *a, const void *b)
{
	return strcmp(json_text(*(const json_t *const *)a, "to", ""), json_text(*(const json_t *const *)b, "to", ""));
}

static void print_tree_line(struct command_context *ctx, const json_t *move, char *folder)
{
	char to[PATH_TEXT_SIZE], from[PATH_TEXT_SIZE];
	size_t sidecars = json_array_size(json_object_get(move, "sidecars"));
	char *slash;

	batch_path_text(to, json_text(move, "to", ""));
	batch_path_text(from, json_text(move, "from", ""));
	slash = strrchr(to, '/');
	if (!slash)
		return;
	*slash = '\0';
	if (strcmp(folder, to) != 0)
		fprintf(ctx->out, "%s/\n", to);
	strcpy(folder, to);
	fprintf(ctx->out, "    %s\n        from %s", slash + 1, from);
	if (sidecars)
		fprintf(ctx->out, ", with %zu more", sidecars);
	fputc('\n', ctx->out);
}

static void print_tree(struct command_context *ctx, const json_t *moves)
{
	size_t count = json_array_size(moves);
	CLEANUP(cleanup_free) const json_t **sorted = calloc(count + 1, sizeof(*sorted));
	CLEANUP(cleanup_free) char *folder = calloc(1, PATH_TEXT_SIZE);
	char text[PATH_TEXT_SIZE];

	if (!sorted || !folder)
		abort();
	for (size_t i = 0; i < count; i++)
		sorted[i] = json_array_get(moves, i);
	qsort(sorted, count, sizeof(*sorted), by_new_path);
	for (size_t i = 0; i < count; i++)
		if (strcmp(json_text(sorted[i], "state", ""), "ok") == 0)
			print_tree_line(ctx, sorted[i], folder);
	for (size_t i = 0; i < count; i++)
		if (strcmp(json_text(sorted[i], "state", ""), "conflict") == 0)
			fprintf(ctx->out, "stays  %s\n       %s\n", batch_path_text(text, json_text(sorted[i], "from", "")),
				json_text(sorted[i], "why", ""));
}

static void print_plan(struct command_context *ctx, const struct organize_plan *plan)
{
	CLEANUP(json_cleanup) json_t *json = organize_plan_json(plan);

	if (ctx->json)
		table_print_json(ctx, json);
	else if (ctx->out_tty)
		print_tree(ctx, json_object_get(json, "moves"));
	else
		print_lines(ctx, json_object_get(json, "moves"));
	if (!ctx->quiet)
		fprintf(ctx->err, "%lld to file, %lld in place, %lld cannot be filed, %lld left alone\n",
			(long long)plan->ok, (long long)plan->same, (long long)plan->conflicts, (long long)plan->skipped);
}

static int list_fields(struct command_context *ctx)
{
	static const struct table_column columns[] = { { "Field", "name", TABLE_TEXT }, { "Meaning", "help", TABLE_TEXT }, { 0 } };
	struct table *table = table_new(columns);

	for (int i = 0; i < TEMPLATE_FIELD_COUNT; i++) {
		table_add(table, template_field_name((enum template_field)i));
		table_add(table, template_field_help((enum template_field)i));
	}
	table_print(table, ctx, TEMPLATE_FIELD_COUNT);
	table_free(table);
	return 0;
}

static int apply(struct command_context *ctx, const struct organize_request *request, const struct organize_plan *plan,
		 struct arena *arena, struct err *err)
{
	struct batch_plan batch = { .kind = "organize",
				    .title = request->template ? request->template : request->preset,
				    .question = "File them?",
				    .done = "filed" };

	organize_plan_moves(plan, request, arena, &batch.moves, &batch.count);
	return batch_ask_and_run(ctx, &batch, err);
}

static int organize_run(struct command_context *ctx, struct err *err)
{
	struct asked asked = { 0 };
	struct arena arena = { 0 };
	struct organize_plan plan;
	bool dry_run = command_switch(ctx, "dry-run");
	int rc;

	if (command_switch(ctx, "fields"))
		return list_fields(ctx);
	rc = journal_recover(ctx->store, err);
	if (rc >= 0)
		rc = read_request(ctx, &asked, err);
	if (rc >= 0) {
		db_lock(ctx->db);
		rc = organize_plan(ctx->db, &asked.request, &arena, &plan, err);
		db_unlock(ctx->db);
	}
	if (rc >= 0 && (dry_run || !ctx->json))
		print_plan(ctx, &plan);
	if (rc >= 0 && !dry_run)
		rc = apply(ctx, &asked.request, &plan, &arena, err);
	asked_free(&asked);
	arena_free(&arena);
	return rc < 0 ? rc : 0;
}

static const struct command_option organize_options[] = {
	{ "preset", 'p', "PRESET", TEMPLATE_PRESETS, "Layout of the names; perpetual files episodes only." },
	{ "template", 't', "TEMPLATE", NULL, "Layout of your own, like '{show} - S{season:02d}E{episode:02d}< - {title}>{ext}'." },
	{ "to", 0, "DIR", NULL, "File below this folder; else each file below its own root." },
	{ "action", 'a', "ACTION", "move|copy|hardlink|reflink", "What is done with the files; move unless told." },
	{ "garbage-words", 0, "FILE", NULL, "Words that are taken out of titles, one to a line." },
	{ "titles", 0, NULL, NULL, "Set the titles inside Matroska files (mkvpropedit); on in preset perpetual." },
	{ "no-titles", 0, NULL, NULL, "Leave them." },
	{ "times", 0, NULL, NULL, "Set times so that sorting by time is the order of episodes; on in preset perpetual." },
	{ "no-times", 0, NULL, NULL, "Leave them." },
	{ "settle", 0, "SECONDS", NULL, "Leave files that changed so short a time ago." },
	{ "fields", 0, NULL, NULL, "List the fields of templates." },
	{ "dry-run", 'n', NULL, NULL, "Show what would be done and do nothing." },
	{ "yes", 'y', NULL, NULL, "Do not ask." },
	{ 0 },
};

const struct command organize_command = {
	.name = "organize",
	.args = "[QUERY|PATH...]",
	.help = "File media under names of one layout, sidecars along with them.\n"
		"Shows what would be done, asks, and does it: nothing is overwritten, and 'matinee undo' takes it back. "
		"Files that are on the air, playing or still being written stay where they are.",
	.needs = NEEDS_WRITE,
	.flags = COMMAND_MOVES_FILES,
	.max_args = -1,
	.options = organize_options,
	.run = organize_run,
};
