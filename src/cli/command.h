/* command.h - one row per command: parser, help, completion, man page and the server's socket all read it.
 *
 * A command is one file src/cli/<name>.c that exports `const struct command <name>_command`. Its run() gets its
 * arguments, the options and the store, writes results to ctx->out and messages to ctx->err, and returns 0 or a
 * negative code with err filled. It never calls exit(), never prints err itself, never keeps state. The same
 * run() serves a terminal and, through data/control.sock, a command sent to a running server. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/json.h"
#include "store/store.h"

struct options; /* cli/options.h */

enum command_needs {
	NEEDS_NOTHING,	/* no store */
	NEEDS_READ,	/* reads the store; works beside a server */
	NEEDS_WRITE,	/* changes the store; is sent to the server when one runs */
	NEEDS_SERVER_LOCK, /* must be the one writer itself: serve */
};

enum command_flags {
	COMMAND_MOVES_FILES = 1, /* asks first, has --dry-run; never by GET */
	COMMAND_HIDDEN = 2,	 /* not in help: worker */
	COMMAND_RAW = 4,	 /* parses nothing; argv as it came (worker) */
	COMMAND_FOUNDS = 8,	 /* makes a library where there is none; others say that there is none */
};

/* One option of one command. Values land in command_context by name. */
struct command_option {
	const char *name;    /* "kind" for --kind */
	char letter;	     /* 'k' for -k, or 0 */
	const char *value;   /* "KIND", or NULL for a switch */
	const char *choices; /* "auto|movies|shows", or NULL */
	const char *help;    /* one sentence */
};

struct command_context;

struct command {
	const char *name;		      /* "root add": up to two words */
	const char *args;		      /* "PATH [PATH...]" for the usage line; "" for none */
	const char *help;		      /* one sentence, then optional paragraphs after "\n" */
	enum command_needs needs;
	unsigned flags;
	int min_args, max_args;		      /* positional; max -1: any number */
	const struct command_option *options; /* ends with name NULL; NULL: none */
	int (*run)(struct command_context *ctx, struct err *err);
};

/* Hooks into a running server, so that a command sent to it takes effect at once. All may be NULL. */
struct command_server {
	void *server;
	void (*library_changed)(void *server); /* roots or items: scan, probe, rebuild */
	void (*station_changed)(void *server, int64_t channel_id); /* 0: all */
	void (*alert_changed)(void *server, int64_t alert_id); /* started or cancelled */
	void (*jobs_changed)(void *server);		       /* rows were added (jobs_add): run them */
	json_t *(*status)(void *server, struct err *err); /* server_status_json() */
	int (*job_cancel)(void *server, int64_t job_id, struct err *err);
};

struct command_context {
	const struct command *command;
	const struct options *options;	/* global options and configuration */
	struct store *store;		/* NULL with NEEDS_NOTHING */
	struct db *db;			/* the writer (not locked) with NEEDS_WRITE, else this thread's reader */
	const struct command_server *server; /* NULL outside a server */
	const char *cwd;		/* absolute; relative paths in argv are relative to this */
	int argc;			/* positional arguments */
	char **argv;
	FILE *in, *out, *err;		/* in is NULL when the command was sent to a server */
	bool out_tty;			/* tables on a terminal, tab-separated otherwise */
	bool err_tty;			/* progress bars only here */
	bool color;			/* NO_COLOR honoured */
	bool json, quiet;
	int columns;			/* terminal width, 80 when unknown */
	const struct command_value *values; /* options as given; use the functions below */
	volatile bool *cancelled;	/* set by SIGINT or a closed socket; long work polls it. Never NULL */
};

/* The value of --name: text as typed, or fallback. Switches: "1". */
const char *command_text(const struct command_context *ctx, const char *name, const char *fallback);
bool command_switch(const struct command_context *ctx, const char *name);
int command_int(const struct command_context *ctx, const char *name, int64_t min, int64_t max, int64_t fallback,
		int64_t *ret, struct err *err);

/* The number of a row, from 1 on: ERR_USAGE "'x' is no WHAT's number; see 'matinee LIST'". `list` may be NULL. */
int command_id(const char *text, const char *what, const char *list, int64_t *ret, struct err *err);

/* Absolute path of an argument (relative to ctx->cwd, not resolved). Allocates; free it. */
char *command_path(const struct command_context *ctx, const char *argument);

extern const struct command *const commands[]; /* src/commands.c; ends with NULL */
