/* options.h - the settings of a process: one table row each, from defaults, matinee.yaml, .env, MATINEE_* and flags.
 *
 * Order, later wins: default, configuration file, its `profiles: NAME` overlay (--profile), environment (a `.env`
 * beside the file is read first and never overrides what is set), flags. Values in the file may hold
 * ${VAR} and ${VAR:-default}. The table also makes the sample configuration, `config show` and the man page. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum option_type { OPTION_TEXT, OPTION_PATH, OPTION_INT, OPTION_SIZE, OPTION_DURATION, OPTION_BOOL, OPTION_CHOICE };

struct option_row {
	const char *name;	/* "server.listen" in YAML; MATINEE_SERVER_LISTEN in the environment */
	enum option_type type;
	const char *fallback;	/* the default as text; "" none */
	int64_t min, max;	/* INT, SIZE (bytes), DURATION (ms) */
	const char *choices;	/* "full|server|monitor" */
	const char *unit;	/* for help; "" none */
	const char *help;	/* one sentence */
};

extern const struct option_row option_rows[]; /* ends with name NULL */

struct options;

enum option_source { OPTION_DEFAULT, OPTION_FILE, OPTION_PROFILE, OPTION_ENVIRONMENT, OPTION_FLAG };

/* `file` NULL: $XDG_CONFIG_HOME/matinee/matinee.yaml if it is there. A file that was named must exist.
 * Errors point at file and line. `profile` may be NULL. */
struct options *options_load(const char *file, const char *profile, struct err *err);
void options_free(struct options *options); /* NULL is fine */

/* Sets one by a flag; ERR_USAGE when the value does not fit the row. */
int options_set(struct options *options, const char *name, const char *value, struct err *err);

/* Values by name; a name that is not in the table aborts. Texts live as long as options. */
const char *options_text(const struct options *options, const char *name);
int64_t options_int(const struct options *options, const char *name); /* INT, SIZE in bytes, DURATION in ms */
bool options_flag(const struct options *options, const char *name);
enum option_source options_source(const struct options *options, const char *name);
const char *options_file(const struct options *options); /* the file that was read; "" none */

/* Checks a text against a row: <0 with the sentence. *ret_number gets INT, SIZE, DURATION, BOOL. */
int option_parse(const struct option_row *row, const char *text, int64_t *ret_number, struct err *err);

/* One of "a|b|c", capitals do not matter; for options of commands too. */
bool option_is_choice(const char *choices, const char *text);

void options_sample(struct buf *to);		       /* a commented matinee.yaml */
char *options_default_file(void);		       /* where it is looked for; free it */
char *options_default_data(void);		       /* $XDG_DATA_HOME/matinee; free it */
