/* help.h - help, completion and man page, all from the command and option tables. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "cli/command.h"

/* One command's help, or with command NULL the list of all. `columns` of a terminal, in which lines are broken; 0: none. */
void help_print(FILE *out, const struct command *command, const struct command *const *table, bool color, int columns);

/* The commands that begin with one word, "channel". */
void help_print_family(FILE *out, const char *family, const struct command *const *table, int columns);

/* shell: bash, zsh or fish. ERR_USAGE for another. */
int help_completion(struct buf *to, const char *shell, const struct command *const *table, struct err *err);

void help_man(struct buf *to, const struct command *const *table); /* roff, section 1 */
