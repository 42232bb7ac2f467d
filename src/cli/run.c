/* run.c - see run.h. The only place that prints a command's error. */
#include "cli/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "cli/arguments.h"
#include "cli/control.h"
#include "cli/help.h"
#include "cli/options.h"

static int complain_as(const struct run_terminal *terminal, bool json, const struct err *err)
{
	if (json) {
		CLEANUP(buf_free) struct buf b = { 0 };

		buf_addf(&b, "{\"error\":{\"code\":\"%s\",\"message\":", err_name(err->code));
		buf_add_json(&b, err->text);
		buf_adds(&b, "}}\n");
		fwrite(b.data, 1, b.len, terminal->err);
	} else {
		char text[sizeof(err->text) * 3];

		fprintf(terminal->err, "matinee: %s\n", utf8_clean(text, sizeof(text), err->text));
	}
	return err_exit_code(err->code);
}

static int complain(const struct run_terminal *terminal, const struct arguments *arguments, const struct err *err)
{
	return complain_as(terminal, arguments_text(arguments, "json") != NULL, err);
}

/* Of a line that cannot be understood: somebody who reads JSON reads it there too. */
static int complain_of_line(const struct run_terminal *terminal, int argc, char **argv, const struct err *err)
{
	bool json = false;

	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		json |= strcmp(argv[i], "--json") == 0;
	return complain_as(terminal, json, err);
}

static struct options *load_options(const struct arguments *arguments, struct err *err)
{
	static const struct {
		const char *flag, *name;
	} flags[] = { { "data", "data" }, { "log-level", "log.level" }, { "log-file", "log.file" } };
	const char *profile = NULL;
	struct options *options;

	/* A command may have a --profile of its own (of a channel); then the configuration has none. */
	if (!arguments->command || !arguments->command->options)
		profile = arguments_text(arguments, "profile");
	else
		for (const struct command_option *o = arguments->command->options;; o++) {
			if (!o->name) {
				profile = arguments_text(arguments, "profile");
				break;
			}
			if (strcmp(o->name, "profile") == 0)
				break;
		}
	options = options_load(arguments_text(arguments, "config"), profile, err);
	for (size_t i = 0; options && i < ARRAY_LEN(flags); i++) {
		const char *text = arguments_text(arguments, flags[i].flag);

		if (text && options_set(options, flags[i].name, text, err) < 0) {
			options_free(options);
			return NULL;
		}
	}
	return options;
}

static int start_log(const struct options *options, struct err *err)
{
	const char *file = options_text(options, "log.file");

	log_set_level((enum log_level)log_level_parse(options_text(options, "log.level")));
	return *file ? log_set_file(file, err) : 0;
}

/* Whether all of the output got to where it goes. A reader that has left wants no more, not even a word about it. */
static int finish_output(const struct run_terminal *terminal, const struct arguments *arguments)
{
	struct err err = { 0 };

	errno = 0;
	if (fflush(terminal->out) == 0 && !ferror(terminal->out))
		return 0;
	if (!errno) { /* it was earlier: why, is said to whoever tries again */
		fputc('\n', terminal->out);
		fflush(terminal->out);
	}
	if (errno == EPIPE)
		return err_exit_code(ERR_IO);
	err_set(&err, ERR_IO, "standard output cannot be written%s%s", errno ? ": " : "", errno ? strerror(errno) : "");
	return complain(terminal, arguments, &err);
}

static int run_with(struct command_context *ctx, const struct run_terminal *terminal,
		    const struct arguments *arguments)
{
	struct err err = { 0 };
	int rc = ctx->command->run(ctx, &err);

	if (rc < 0) {
		fflush(ctx->out);
		if (err.code == ERR_OK)
			err_set(&err, ERR_INTERNAL, "%s failed without saying why", ctx->command->name);
		return complain(terminal, arguments, &err);
	}
	return finish_output(terminal, arguments);
}

/* Opens what the command needs in this process, or hands it to the server that holds the store. */
static int run_alone(struct command_context *ctx, const struct run_terminal *terminal,
		     const struct arguments *arguments, int argc, char **argv)
{
	enum command_needs needs = ctx->command->needs;
	const char *data = options_text(ctx->options, "data");
	CLEANUP(cleanup_free) char *absolute = command_path(ctx, data);
	struct err err = { 0 };
	int exit_code;

	if (needs == NEEDS_NOTHING)
		return run_with(ctx, terminal, arguments);
	if (needs == NEEDS_WRITE && !(ctx->command->flags & COMMAND_FOUNDS) && db_there(absolute, &err) < 0)
		return complain(terminal, arguments, &err);
	ctx->store = store_open(absolute, needs != NEEDS_READ, &err);
	if (!ctx->store && err.code == ERR_BUSY && needs == NEEDS_WRITE) {
		err_clear(&err);
		if (control_send(absolute, argc, argv, terminal, &exit_code, &err) < 0)
			return complain(terminal, arguments, &err);
		return exit_code ? exit_code : finish_output(terminal, arguments);
	}
	if (ctx->store && needs == NEEDS_READ)
		ctx->db = store_reader(ctx->store, &err);
	else if (ctx->store)
		ctx->db = store_writer(ctx->store);
	if (!ctx->db) {
		store_close(ctx->store);
		return complain(terminal, arguments, &err);
	}
	exit_code = run_with(ctx, terminal, arguments);
	store_close(ctx->store);
	return exit_code;
}

static int run_in_house(struct command_context *ctx, const struct run_terminal *terminal,
			const struct arguments *arguments, const struct run_house *house)
{
	struct err err = { 0 };

	ctx->store = house->store;
	ctx->server = house->server;
	if (ctx->command->needs == NEEDS_SERVER_LOCK) {
		err_set(&err, ERR_BUSY, "a server runs already on this data folder");
		return complain(terminal, arguments, &err);
	}
	ctx->db = ctx->command->needs == NEEDS_READ ? store_reader(ctx->store, &err) : store_writer(ctx->store);
	if (!ctx->db)
		return complain(terminal, arguments, &err);
	return run_with(ctx, terminal, arguments);
}

static void print_help(const struct run_terminal *terminal, const struct arguments *arguments)
{
	int columns = terminal->out_tty ? terminal->columns : 0;

	if (arguments->family)
		help_print_family(terminal->out, arguments->family, commands, columns);
	else
		help_print(terminal->out, arguments->command, commands, terminal->color, columns);
}

static struct command_context context_of(const struct arguments *arguments, const struct run_terminal *terminal,
					 const struct options *options)
{
	return (struct command_context){
		.command = arguments->command,
		.options = options,
		.cwd = terminal->cwd,
		.argc = arguments->argc,
		.argv = arguments->argv,
		.in = terminal->in,
		.out = terminal->out,
		.err = terminal->err,
		.out_tty = terminal->out_tty,
		.err_tty = terminal->err_tty,
		.color = terminal->color,
		.columns = terminal->columns,
		.json = arguments_text(arguments, "json") != NULL,
		.quiet = arguments_text(arguments, "quiet") != NULL,
		.values = arguments->values,
		.cancelled = terminal->cancelled,
	};
}

int run_command(int argc, char **argv, const struct run_terminal *terminal, const struct run_house *house)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct arguments arguments;
	struct err err = { 0 };
	struct options *options = NULL;
	struct command_context ctx;
	int exit_code;

	if (arguments_parse(commands, argc, argv, &arena, &arguments, &err) < 0)
		return complain_of_line(terminal, argc, argv, &err);
	if (arguments.version) {
		fputs("matinee " MATINEE_VERSION "\n", terminal->out);
		return finish_output(terminal, &arguments);
	}
	if (arguments.help || !arguments.command) {
		print_help(terminal, &arguments);
		exit_code = finish_output(terminal, &arguments);
		return exit_code || arguments.help || argc == 0 ? exit_code : 2;
	}
	if (!house && !(arguments.command->flags & COMMAND_RAW)) {
		options = load_options(&arguments, &err);
		if (!options || start_log(options, &err) < 0) {
			options_free(options);
			return complain(terminal, &arguments, &err);
		}
	}
	ctx = context_of(&arguments, terminal, house ? house->options : options);
	if (house)
		exit_code = run_in_house(&ctx, terminal, &arguments, house);
	else if (arguments.command->flags & COMMAND_RAW)
		exit_code = run_with(&ctx, terminal, &arguments);
	else
		exit_code = run_alone(&ctx, terminal, &arguments, argc, argv);
	options_free(options);
	return exit_code;
}
