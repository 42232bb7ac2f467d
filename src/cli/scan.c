/* scan.c - `matinee scan`: what is new, changed, moved, missing; see library/library.h. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "library/library.h"
#include "store/files.h"

#define PATH_TEXT (PATH_MAX * 3)

static void on_progress(void *context, const struct library_progress *p)
{
	struct progress *line = context;

	if (strcmp(p->phase, "probe") == 0)
		progress_show(line, (double)p->probed, (double)p->to_probe, "probing %lld of %lld", (long long)p->probed,
			      (long long)p->to_probe);
	else if (strcmp(p->phase, "file") == 0)
		progress_show(line, 0, 0, "filing: %lld new, %lld moved, %lld changed", (long long)p->added, (long long)p->moved,
			      (long long)p->changed);
	else if (strcmp(p->phase, "sample") == 0)
		progress_show(line, (double)p->sampled, (double)p->to_sample, "sampling %lld of %lld", (long long)p->sampled,
			      (long long)p->to_sample);
	else if (p->silent_ms)
		progress_show(line, 0, 0, "the disk has not answered for %lld s", (long long)p->silent_ms / 1000);
	else
		progress_show(line, 0, 0, "looking: %lld files", (long long)p->seen);
}

static void on_change(void *context, const char *kind, const char *path)
{
	struct progress *line = context;
	char text[PATH_TEXT];

	progress_wipe(line);
	fprintf(line->ctx->json ? line->ctx->err : line->ctx->out, "%s\t%s\n", kind, utf8_line(text, sizeof(text), path));
}

static void tell_root(struct command_context *ctx, const struct root *root, const char *path)
{
	if (strcmp(root->state, "missing") == 0)
		fprintf(ctx->err, "root %lld is not there: %s (its files are left as they are)\n", (long long)root->id,
			path);
	else if (strcmp(root->state, "stalled") == 0)
		fprintf(ctx->err, "root %lld does not answer: %s (its files are left as they are)\n",
			(long long)root->id, path);
	if (root->vanished)
		fprintf(ctx->err,
			"WARNING: %lld files of root %lld are gone at once: %s\n"
			"None of them is marked missing. If they are gone for good: matinee scan --accept-missing '%s'\n",
			(long long)root->vanished, (long long)root->id, path, path);
}

static void tell_missing_roots(struct command_context *ctx)
{
	struct arena arena = { 0 };
	struct root_list list;
	char text[PATH_TEXT];
	int rc;

	db_lock(ctx->db);
	rc = roots_list(ctx->db, &arena, &list, NULL);
	db_unlock(ctx->db);
	for (size_t i = 0; rc == 0 && i < list.count; i++)
		tell_root(ctx, &list.roots[i], utf8_line(text, sizeof(text), list.roots[i].path));
	arena_free(&arena);
}

static void print_totals(struct command_context *ctx, const struct library_progress *t)
{
	if (ctx->json)
		fprintf(ctx->out,
			"{\"seen\":%lld,\"added\":%lld,\"changed\":%lld,\"moved\":%lld,\"missing\":%lld,"
			"\"probed\":%lld,\"failed\":%lld,\"vanished\":%lld}\n",
			(long long)t->seen, (long long)t->added, (long long)t->changed, (long long)t->moved,
			(long long)t->missing, (long long)t->probed, (long long)t->failed, (long long)t->vanished);
	else if (!ctx->quiet)
		fprintf(ctx->err, "%lld files: %lld new, %lld changed, %lld moved, %lld missing; %lld probed, %lld failed\n",
			(long long)t->seen, (long long)t->added, (long long)t->changed, (long long)t->moved,
			(long long)t->missing, (long long)t->probed, (long long)t->failed);
}

/* Paths without symlinks, as roots are stored; what is not there stays as it was typed. */
static char **real_paths(const struct command_context *ctx)
{
	char **paths = calloc((size_t)ctx->argc + 1, sizeof(*paths));

	if (!paths)
		abort();
	for (int i = 0; i < ctx->argc; i++) {
		char *path = command_path(ctx, ctx->argv[i]);

		paths[i] = realpath(path, NULL);
		if (paths[i])
			free(path);
		else
			paths[i] = path;
	}
	return paths;
}

static void free_paths(char **paths)
{
	for (size_t i = 0; paths[i]; i++)
		free(paths[i]);
	free(paths);
}

static int scan_run(struct command_context *ctx, struct err *err)
{
	struct progress line = progress_new(ctx);
	struct library_progress totals = { 0 };
	char **paths = real_paths(ctx);
	bool dry_run = command_switch(ctx, "dry-run");
	struct library_scan scan = { .store = ctx->store,
				     .paths = ctx->argc ? (const char *const *)paths : NULL,
				     .full = command_switch(ctx, "full"),
				     .dry_run = dry_run,
				     .accept_missing = command_switch(ctx, "accept-missing"),
				     .missing_share = (int)options_int(ctx->options, "library.missing_share"),
				     .foreground = !ctx->server,
				     .silent_ms = options_int(ctx->options, "library.stall_after"),
				     .context = &line,
				     .progress = on_progress,
				     .change = dry_run || command_switch(ctx, "verbose") ? on_change : NULL,
				     .cancelled = ctx->cancelled };
	int rc;

	if (scan.accept_missing && !ctx->argc) {
		free_paths(paths);
		return err_set(err, ERR_USAGE, "--accept-missing needs the root whose files are gone");
	}
	rc = library_scan(&scan, &totals, err);

	progress_wipe(&line);
	free_paths(paths);
	if (rc == 0 || totals.seen)
		print_totals(ctx, &totals);
	if (!dry_run)
		tell_missing_roots(ctx);
	if (totals.added + totals.changed + totals.moved + totals.missing + totals.probed && !dry_run &&
	    ctx->server && ctx->server->library_changed)
		ctx->server->library_changed(ctx->server->server);
	return rc;
}

static const struct command_option options[] = {
	{ "full", 'f', NULL, NULL, "Probe unchanged files again, too." },
	{ "dry-run", 'n', NULL, NULL, "Say what would change and change nothing." },
	{ "accept-missing", 0, NULL, NULL, "Mark as missing however many files of PATH are gone." },
	{ "verbose", 'v', NULL, NULL, "Name every file that is new, changed, moved or missing." },
	{ 0 },
};

const struct command scan_command = {
	.name = "scan",
	.args = "[PATH...]",
	.help = "Bring the library up to date with its folders.\n"
		"Without PATH all roots are read. A file that is not there any more is marked missing and comes back "
		"when it does; a root that is not there is left as it is, and so is one that lost more than a fifth of "
		"its files at once (library.missing_share).",
	.needs = NEEDS_WRITE,
	.max_args = -1,
	.options = options,
	.run = scan_run,
};
