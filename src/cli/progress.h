/* progress.h - the one line on a terminal that says how far long work has come, and how long it will take.
 *
 * Only on a terminal, never with --quiet, at most ten times a second, and gone when the work ends or says something
 * else. Before anything else is written to the same terminal: progress_wipe(). */
#pragma once

#include "cli/command.h"

struct progress {
	struct command_context *ctx;
	bool drawn;
	int64_t shown_ns, began_ns; /* boot clock; began: with this total */
	double total;
};

struct progress progress_new(struct command_context *ctx);

/* `done` of `total`, in whatever the work is counted in; total 0: nobody knows how much it is. */
void progress_show(struct progress *progress, double done, double total, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void progress_wipe(struct progress *progress);

/* "what, 42 %, 1 min 20 s left", in at most `columns` (0: any) characters; the time is not told before it can be
 * known. For progress_show() and its test. */
const char *progress_text(char *to, size_t size, const char *what, double done, double total, int64_t elapsed_ns,
			  int columns);
