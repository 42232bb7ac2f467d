/* help_commands.c - `matinee help`, `matinee completion`, `matinee man`. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/command.h"
#include "cli/help.h"

static int help_run(struct command_context *ctx, struct err *err)
{
	char name[64];
	bool found = false;

	if (!ctx->argc) {
		help_print(ctx->out, NULL, commands, ctx->color, ctx->out_tty ? ctx->columns : 0);
		return 0;
	}
	snprintf(name, sizeof(name), "%s%s%s", ctx->argv[0], ctx->argc > 1 ? " " : "", ctx->argc > 1 ? ctx->argv[1] : "");
	for (const struct command *const *c = commands; *c; c++) {
		size_t n = strlen(name);

		if (strncmp((*c)->name, name, n) != 0 || ((*c)->name[n] && (*c)->name[n] != ' '))
			continue;
		if (found)
			fputc('\n', ctx->out);
		help_print(ctx->out, *c, commands, ctx->color, ctx->out_tty ? ctx->columns : 0);
		found = true;
	}
	if (!found)
		return err_set(err, ERR_USAGE, "there is no command '%s'", name);
	return 0;
}

static int completion_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	if (help_completion(&text, ctx->argv[0], commands, err) < 0)
		return -(int)err->code;
	fputs(buf_text(&text), ctx->out);
	return 0;
}

static int man_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	(void)err;
	help_man(&text, commands);
	fputs(buf_text(&text), ctx->out);
	return 0;
}

const struct command help_command = {
	.name = "help",
	.args = "[COMMAND]",
	.help = "Say what a command does.",
	.max_args = 2,
	.run = help_run,
};

const struct command completion_command = {
	.name = "completion",
	.args = "bash|zsh|fish",
	.help = "Print the completion script of a shell.",
	.min_args = 1,
	.max_args = 1,
	.run = completion_run,
};

const struct command man_command = {
	.name = "man",
	.args = "",
	.help = "Print the manual page (roff).",
	.run = man_run,
};
