/* backup.c - `matinee backup`: the library in one file, also while the server runs. What is in it and how it comes back: docs/service.md. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/utf8.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "store/backup.h"

#define PATH_TEXT (PATH_MAX * 3)

static bool go_on(void *context, int64_t done, int64_t total)
{
	struct progress *line = context;

	progress_show(line, (double)done, (double)total, "backing up");
	return !*line->ctx->cancelled;
}

/* In a folder it has a name by the time: matinee-20261126-095500.db. */
static char *place_of(struct command_context *ctx)
{
	char *path = command_path(ctx, ctx->argv[0]), *within;
	time_t seconds = (time_t)(clock_wall_ms() / 1000);
	char name[64];
	struct tm tm;
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode) || !localtime_r(&seconds, &tm))
		return path;
	strftime(name, sizeof(name), "matinee-%Y%m%d-%H%M%S.db", &tm);
	within = fs_join(path, name);
	free(path);
	return within;
}

static int backup_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(cleanup_free) char *path = place_of(ctx);
	struct progress line = progress_new(ctx);
	const struct db_backup_watch watch = { go_on, &line };
	char text[PATH_TEXT];
	int64_t bytes = 0;
	int rc = backup_write(ctx->db, path, command_switch(ctx, "force"), &watch, &bytes, err);

	progress_wipe(&line);
	if (rc < 0)
		return rc;
	if (ctx->json) {
		CLEANUP(json_cleanup) json_t *json = json_pack("{s:o, s:I}", "file", json_from_path(path), "bytes", (json_int_t)bytes);

		table_print_json(ctx, json);
	} else if (!ctx->quiet) {
		fprintf(ctx->out, "%s\n", utf8_line(text, sizeof(text), path));
	}
	return 0;
}

static const struct command_option options[] = {
	{ "force", 'f', NULL, NULL, "Write over a file that is there already." },
	{ 0 },
};

const struct command backup_command = {
	.name = "backup",
	.args = "FILE|FOLDER",
	.help = "Copy the library, channels and schedules into one file, also while the server runs.\n"
		"What was checked by hand, identities of files, history and what is to air are in it; media, settings and prepared "
		"segments are not. In a folder it gets a name by the time. FILE is whole or is not there, however this ends.\n"
		"To go back: end the server, put the file in the place of matinee.db in the folder of data, and remove matinee.db-wal "
		"and matinee.db-shm there.",
	.needs = NEEDS_READ,
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = backup_run,
};
