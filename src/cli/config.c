/* config.c - `matinee config init|check|show`. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/table.h"

/* As JSON {"file": path or null}. */
static void say(struct command_context *ctx, const char *file, const char *text)
{
	json_t *json;

	if (!ctx->json) {
		fprintf(ctx->out, "%s\n", text);
		return;
	}
	json = json_object();
	json_object_set_new(json, "file", *file ? json_from_path(file) : json_null());
	table_print_json(ctx, json);
	json_decref(json);
}

static int init_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(cleanup_free) char *path = ctx->argc ? command_path(ctx, ctx->argv[0]) : options_default_file();
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(cleanup_free) char *folder = strdup(path);
	char *slash = strrchr(folder, '/');

	if (access(path, F_OK) == 0 && !command_switch(ctx, "force"))
		return err_set(err, ERR_EXISTS, "'%s' is there already; --force writes over it", path);
	options_sample(&text);
	if (slash && slash != folder) {
		*slash = '\0';
		if (fs_mkdirs(folder, err) < 0)
			return -(int)err->code;
	}
	if (fs_write_atomic(path, text.data, text.len, err) < 0)
		return -(int)err->code;
	say(ctx, path, path);
	return 0;
}

static int check_run(struct command_context *ctx, struct err *err)
{
	const char *given = ctx->argc ? ctx->argv[0] : options_file(ctx->options); /* --config, or where it is by default */
	CLEANUP(cleanup_free) char *path = *given ? command_path(ctx, given) : NULL;
	struct options *options = options_load(path, NULL, err);
	char text[PATH_MAX + 16];

	if (!options)
		return -(int)err->code;
	snprintf(text, sizeof(text), "%s: good", options_file(options));
	say(ctx, options_file(options), *options_file(options) ? text : "there is no configuration file; defaults hold");
	options_free(options);
	return 0;
}

static int show_run(struct command_context *ctx, struct err *err)
{
	static const struct table_column columns[] = {
		{ "Setting", "name", TABLE_TEXT },
		{ "Value", "value", TABLE_TEXT },
		{ "From", "source", TABLE_TEXT },
		{ "Meaning", "help", TABLE_TEXT },
		{ NULL, NULL, TABLE_TEXT },
	};
	static const char *const sources[] = { "default", "file", "profile", "environment", "flag" };
	struct table *table = table_new(columns);
	int64_t total = 0;

	(void)err;
	for (const struct option_row *row = option_rows; row->name; row++, total++) {
		table_add(table, row->name);
		table_add(table, options_text(ctx->options, row->name));
		table_add(table, sources[options_source(ctx->options, row->name)]);
		table_add(table, row->help);
	}
	table_print(table, ctx, total);
	table_free(table);
	return 0;
}

static const struct command_option init_options[] = {
	{ "force", 'f', NULL, NULL, "Write over a file that is there." },
	{ NULL, 0, NULL, NULL, NULL },
};

const struct command config_init_command = {
	.name = "config init",
	.args = "[FILE]",
	.help = "Write a commented configuration file.",
	.max_args = 1,
	.options = init_options,
	.run = init_run,
};

const struct command config_check_command = {
	.name = "config check",
	.args = "[FILE]",
	.help = "Read a configuration file and point at the first line that is wrong.",
	.max_args = 1,
	.run = check_run,
};

const struct command config_show_command = {
	.name = "config show",
	.args = "",
	.help = "List all settings, their values and where each comes from.",
	.run = show_run,
};
