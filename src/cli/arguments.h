/* arguments.h - argv against the command table: which command, its options, its positional arguments.
 *
 * Long options as --name VALUE, --name=VALUE; letters as -k VALUE, -kVALUE; `--` ends options; options may stand
 * anywhere. Global options (global_options) are known to every command. */
#pragma once

#include "base/arena.h"
#include "cli/command.h"

struct command_value {
	const char *name, *text;
	const struct command_value *next;
};

struct arguments {
	const struct command *command; /* NULL: none was named (only --help or --version, or nothing) */
	const struct command_value *values;
	int argc; /* positional */
	char **argv;
	bool help, version;
	const char *family; /* "channel", when `channel --help` was asked; else NULL */
};

extern const struct command_option global_options[];

/* ERR_USAGE with what to do. Strings are argv's own or in the arena. */
int arguments_parse(const struct command *const *table, int argc, char **argv, struct arena *arena,
		    struct arguments *ret, struct err *err);

/* Last value of an option, or NULL. */
const char *arguments_text(const struct arguments *arguments, const char *name);
