/* batch_run.h - what commands that move files share: asking first, running a batch with its progress, saying how it ended. */
#pragma once

#include "cli/command.h"
#include "library/journal.h"

#define PATH_TEXT_SIZE (4096 * 3)

/* --yes, or a person who says so. ERR_USAGE: nobody agreed, and nothing was done. */
int batch_agreed(struct command_context *ctx, const char *question, struct err *err);

/* The station's time when a server runs in this process; 0: nothing is on the air. */
int64_t batch_station_now(struct command_context *ctx);

/* Runs a planned batch: a bar on a terminal, a line for each step that failed. The result as JSON or as a line. */
int batch_run(struct command_context *ctx, int64_t batch_id, const char *done, struct err *err);

/* All of it: asked, written, run. Nothing to move is a result, too. */
struct batch_plan {
	const char *kind, *title, *question, *done;
	struct move *moves;
	size_t count;
};
int batch_ask_and_run(struct command_context *ctx, const struct batch_plan *plan, struct err *err);

/* A path of any bytes as one line of text. */
const char *batch_path_text(char to[PATH_TEXT_SIZE], const char *path);
