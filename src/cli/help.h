/* help.h - help, completion and man page, all from the command and option tables. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "cli/command.h"

/* One command's help, or with command NULL the list of all. */
void help_print(FILE *out, const struct command *command, const struct command *const *table, bool color);

/* shell: bash, zsh or fish. ERR_USAGE for another. */
int help_completion(struct buf *to, const char *shell, const struct command *const *table, struct err *err);

void help_man(struct buf *to, const struct command *const *table); /* roff, section 1 */
