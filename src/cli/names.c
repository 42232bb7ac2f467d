/* names.c - `matinee names`: what a file name says, without looking at the file. See media/name.h. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/command.h"
#include "media/name.h"

#define LINE_BYTES ((size_t)64 * 1024) /* of a longer line only the end is read; the parser wants less */

static int print_name(struct command_context *ctx, const char *path, bool first, struct buf *out,
		      struct err *err)
{
	struct arena arena = { 0 };
	struct name name;

	buf_reset(out);
	name_parse(path, NAME_AUTO, &arena, &name);
	if (command_switch(ctx, "explain")) {
		name_write_explain(out, &name);
	} else if (ctx->json) {
		name_write_json(out, &name);
		buf_addc(out, '\n');
	} else {
		if (!first)
			buf_addc(out, '\n');
		buf_addf(out, "%s\n", name.input);
		name_write_text(out, &name);
	}
	arena_free(&arena);
	if (out->failed)
		return err_set(err, ERR_TOO_LARGE, "write what '%.60s' says: it is too much", path);
	if (fwrite(out->data, 1, out->len, ctx->out) != out->len)
		return err_errno(err, "write what '%.60s' says", path);
	return 0;
}

/* One line without its end, its last bytes only when it is huge. False at the end of the input. */
static bool read_line(FILE *in, char *line)
{
	size_t len = 0;
	int c;

	while ((c = getc(in)) != EOF && c != '\n') {
		if (len == LINE_BYTES - 1) {
			len = LINE_BYTES / 2;
			memmove(line, line + LINE_BYTES - 1 - len, len);
		}
		line[len++] = c ? (char)c : ' ';
	}
	if (len && line[len - 1] == '\r')
		len--;
	line[len] = '\0';
	return c != EOF || len;
}

static int print_lines(struct command_context *ctx, struct buf *out, struct err *err)
{
	CLEANUP(cleanup_free) char *line = malloc(LINE_BYTES);
	bool first = true;

	if (!line)
		return err_set(err, ERR_INTERNAL, "read names: no memory");
	while (!*ctx->cancelled && read_line(ctx->in, line)) {
		if (print_name(ctx, line, first, out, err) < 0)
			return -(int)ERR_IO;
		first = false;
	}
	if (ferror(ctx->in))
		return err_errno(err, "read names from standard input");
	return 0;
}

static int names_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(buf_free) struct buf out = BUF_MAX((size_t)16 << 20);
	int status = 0;

	if (!ctx->argc || (ctx->argc == 1 && !strcmp(ctx->argv[0], "-")))
		return print_lines(ctx, &out, err);
	for (int i = 0; i < ctx->argc && status >= 0 && !*ctx->cancelled; i++)
		status = print_name(ctx, ctx->argv[i], i == 0, &out, err);
	return status;
}

static const struct command_option options[] = {
	{ "explain", 'e', NULL, NULL, "Say which characters became which property, and by which rule." },
	{ NULL, 0, NULL, NULL, NULL },
};

const struct command names_command = {
	.name = "names",
	.args = "[PATH... | -]",
	.help = "Say what file names mean: title, season, episode, source and the rest.\n"
		"Only the names are read, never the files. With - or without a path, one name per line comes "
		"from "
		"standard input; with --json one object per line goes out, in the same order.",
	.needs = NEEDS_NOTHING,
	.min_args = 0,
	.max_args = -1,
	.options = options,
	.run = names_run,
};
