/* run.h - one command from argv to its exit code, wherever it is typed: a terminal or a server's socket. */
#pragma once

#include "cli/command.h"

struct run_terminal {
	FILE *in, *out, *err;
	bool out_tty, err_tty, color;
	int columns;
	const char *cwd;
	volatile bool *cancelled;
};

/* What a running server lends to commands that are sent to it. */
struct run_house {
	struct store *store;
	const struct options *options;
	const struct command_server *server;
};

/* Runs argv (without the program's name). `house` NULL: opens what the command needs, or sends it to the server that
 * holds the store. Errors are printed to terminal->err. Returns the exit code. */
int run_command(int argc, char **argv, const struct run_terminal *terminal, const struct run_house *house);
