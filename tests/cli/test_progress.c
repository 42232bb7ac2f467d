/* The line of progress: what it says, when it is drawn, and that nothing of it stays. */
#include "lib/testlib.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/progress.h"

static const struct {
	double done, total, seconds;
	int columns;
	const char *text;
} rows[] = {
	{ 0, 0, 100, 0, "reading" }, /* nobody knows how much it is */
	{ 0, 10, 100, 0, "reading, 0 %" },
	{ 5, 10, 1, 0, "reading, 50 %" }, /* too early for a guess */
	{ 5, 10, 10, 0, "reading, 50 %, 10 s left" },
	{ 1, 4, 60, 0, "reading, 25 %, 3 min 0 s left" },
	{ 1, 100, 100, 0, "reading, 1 %, 2 h 45 min left" },
	{ 1, 100, 10000, 0, "reading, 1 %, 11 days left" },
	{ 1, 1000, 100, 0, "reading, 0 %" },
	{ 10, 10, 100, 0, "reading, 100 %" },
	{ 11, 10, 100, 0, "reading" }, /* there is more than there was */
	{ 5, 10, 10, 12, "reading, 50" },
	{ 5, 10, 10, 80, "reading, 50 %, 10 s left" },
};

static void texts(void **state)
{
	char text[100];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(progress_text(text, sizeof(text), "reading", rows[i].done, rows[i].total,
						  (int64_t)(rows[i].seconds * 1e9), rows[i].columns),
				    rows[i].text);
	assert_string_equal(progress_text(text, sizeof(text), "\xc3\xa9\xc3\xa9\xc3\xa9", 0, 0, 0, 3), "\xc3\xa9\xc3\xa9");
	assert_string_equal(progress_text(text, 6, "reading", 5, 10, 0, 0), "readi");
}

/* What stands in the stream after so many calls in a row. */
static char *drawn(struct command_context *ctx, int calls, bool wipe)
{
	struct progress line;
	char *text = NULL;
	size_t len = 0;

	ctx->err = open_memstream(&text, &len);
	line = progress_new(ctx);
	for (int i = 0; i < calls; i++)
		progress_show(&line, i, 10, "step %d", i);
	if (wipe) {
		progress_wipe(&line);
		progress_wipe(&line);
	}
	fclose(ctx->err);
	return text;
}

static void shown(struct command_context ctx, int calls, bool wipe, const char *wanted)
{
	char *text = drawn(&ctx, calls, wipe);

	assert_string_equal(text, wanted);
	free(text);
}

static void only_on_a_terminal_not_too_often_and_wiped(void **state)
{
	struct command_context ctx = { .err_tty = true, .columns = 80 };
	struct progress line;
	char *text = NULL;
	size_t len = 0;

	(void)state;
	shown(ctx, 1, false, "step 0, 0 %");
	shown(ctx, 1, true, "step 0, 0 %\r\033[K");
	shown(ctx, 0, true, "");
	ctx.quiet = true;
	shown(ctx, 5, true, "");
	ctx = (struct command_context) { .columns = 80 };
	shown(ctx, 5, true, "");

	ctx = (struct command_context) { .err_tty = true, .err = open_memstream(&text, &len) };
	line = progress_new(&ctx);
	progress_show(&line, 0, 0, "one");
	line.shown_ns = clock_boot_ns() + 3600 * CLOCK_SECOND; /* just now, however slow this machine is */
	progress_show(&line, 0, 0, "two");
	line.shown_ns = 0;
	progress_show(&line, 0, 0, "three");
	fclose(ctx.err);
	assert_string_equal(text, "one\r\033[Kthree");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(only_on_a_terminal_not_too_often_and_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
