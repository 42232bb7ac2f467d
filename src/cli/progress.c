/* progress.c - see progress.h. */
#include "cli/progress.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

#define SHOW_EVERY_NS (100 * CLOCK_MS)
#define GUESS_AFTER_NS (2 * CLOCK_SECOND) /* and after a hundredth of the work */

struct progress progress_new(struct command_context *ctx)
{
	return (struct progress) { .ctx = ctx, .total = -1 };
}

static void add_time_left(char *to, size_t size, double seconds)
{
	int64_t s = (int64_t)(seconds + 0.5);

	if (s >= 48 * 3600)
		snprintf(to, size, ", %lld days left", (long long)(s / 86400));
	else if (s >= 3600)
		snprintf(to, size, ", %lld h %lld min left", (long long)(s / 3600), (long long)(s % 3600 / 60));
	else if (s >= 60)
		snprintf(to, size, ", %lld min %lld s left", (long long)(s / 60), (long long)(s % 60));
	else
		snprintf(to, size, ", %lld s left", (long long)s);
}

/* Characters that are shown, cut so that the line does not break. */
static void cut(char *text, int columns)
{
	size_t len = strlen(text), at = 0;

	for (int n = 0; columns > 1 && at < len; n++) {
		size_t bytes = utf8_char(text + at, len - at);

		if (n == columns - 1) {
			text[at] = '\0';
			return;
		}
		at += bytes ? bytes : 1;
	}
}

const char *progress_text(char *to, size_t size, const char *what, double done, double total, int64_t elapsed_ns, int columns)
{
	double part = total > 0 ? done / total : -1;
	char end[64] = "", left[48] = "";

	if (part >= 0 && part <= 1)
		snprintf(end, sizeof(end), ", %d %%", (int)(part * 100));
	if (part >= 0.01 && part < 1 && elapsed_ns >= GUESS_AFTER_NS)
		add_time_left(left, sizeof(left), (double)elapsed_ns / 1e9 * (1 - part) / part);
	snprintf(to, size, "%s%s%s", what, end, left);
	cut(to, columns);
	return to;
}

void progress_show(struct progress *progress, double done, double total, const char *format, ...)
{
	struct command_context *ctx = progress->ctx;
	int64_t now = clock_boot_ns();
	char what[256], text[400];
	va_list args;

	if (progress->total < total || progress->total > total) { /* another step of it */
		progress->total = total;
		progress->began_ns = now;
	}
	if (!ctx->err_tty || ctx->quiet || (progress->drawn && now - progress->shown_ns < SHOW_EVERY_NS))
		return;
	progress->shown_ns = now;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	progress_wipe(progress);
	fputs(progress_text(text, sizeof(text), what, done, total, now - progress->began_ns, ctx->columns), ctx->err);
	fflush(ctx->err);
	progress->drawn = true;
}

void progress_wipe(struct progress *progress)
{
	if (progress->drawn)
		fputs("\r\033[K", progress->ctx->err);
	progress->drawn = false;
}
