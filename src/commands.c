/* commands.c - the map: every command there is, one row each, in the order that help shows them. */
#include <stddef.h>

#include "cli/command.h"

#define COMMANDS(X) \
	X(root_add) \
	X(root_list) \
	X(root_remove) \
	X(scan) \
	X(items) \
	X(show) \
	X(config_init) \
	X(config_check) \
	X(config_show) \
	X(help) \
	X(completion) \
	X(man) \
	X(worker)

#define X(name) extern const struct command name##_command;
COMMANDS(X)
#undef X

const struct command *const commands[] = {
#define X(name) &name##_command,
	COMMANDS(X)
#undef X
	NULL,
};
