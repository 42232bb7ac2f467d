/* help.c - see help.h. */
#include "cli/help.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "cli/arguments.h"
#include "cli/columns.h"
#include "cli/options.h"

#define NARROW 60 /* a terminal with fewer columns breaks lines itself */
#define WIDE 110  /* more are hard to read */

static size_t width_of(int columns)
{
	return columns < NARROW ? SIZE_MAX / 2 : columns > WIDE ? WIDE : (size_t)columns;
}

static void print_options(FILE *out, const struct command_option *options, size_t width)
{
	for (; options && options->name; options++) {
		char left[64], letter[8] = "    ", text[600];

		if (!options->help)
			continue;
		if (options->letter)
			snprintf(letter, sizeof(letter), "-%c, ", options->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, options->name, options->value ? " " : "",
			 options->value ? options->value : "");
		fprintf(out, "  %-28s ", left);
		snprintf(text, sizeof(text), "%s%s%s%s", options->help, options->choices ? " (" : "",
			 options->choices ? options->choices : "", options->choices ? ")" : "");
		columns_wrap(out, text, width, 31);
		fputc('\n', out);
	}
}

static int first_line(const char *text)
{
	return (int)strcspn(text, "\n");
}

/* Some lines, each broken by itself. */
static void print_lines(FILE *out, const char *text, size_t width, size_t indent)
{
	char line[600];

	for (;; text += first_line(text) + 1) {
		snprintf(line, sizeof(line), "%.*s", first_line(text), text);
		columns_wrap(out, line, width, indent);
		fputc('\n', out);
		if (!text[first_line(text)])
			return;
	}
}

static void print_row(FILE *out, const struct command *command, size_t width)
{
	char line[300];

	fprintf(out, "  %-18s ", command->name);
	snprintf(line, sizeof(line), "%.*s", first_line(command->help), command->help);
	print_lines(out, line, width, 21);
}

static void print_one(FILE *out, const struct command *command, size_t width)
{
	const char *more = strchr(command->help, '\n');
	char line[300];

	snprintf(line, sizeof(line), "%.*s", first_line(command->help), command->help);
	fprintf(out, "usage: matinee %s%s%s\n\n", command->name, *command->args ? " " : "", command->args);
	print_lines(out, line, width, 0);
	if (more) {
		fputc('\n', out);
		print_lines(out, more + 1, width, 0);
	}
	if (command->options && command->options[0].name) {
		fputs("\noptions:\n", out);
		print_options(out, command->options, width);
	}
	fputs("\nfor every command:\n", out);
	print_options(out, global_options, width);
}

void help_print(FILE *out, const struct command *command, const struct command *const *table, bool color, int columns)
{
	const char *strong = color ? "\033[1m" : "", *plain = color ? "\033[0m" : "";

	if (command) {
		print_one(out, command, width_of(columns));
		return;
	}
	fprintf(out, "%sMatinee%s: your own files, on the air.\n\nusage: matinee COMMAND [ARGUMENTS]\n\n", strong,
		plain);
	for (; *table; table++)
		if (!((*table)->flags & COMMAND_HIDDEN))
			print_row(out, *table, width_of(columns));
	fputs("\n`matinee COMMAND --help` says more. For every command:\n", out);
	print_options(out, global_options, width_of(columns));
}

void help_print_family(FILE *out, const char *family, const struct command *const *table, int columns)
{
	size_t n = strlen(family);

	fprintf(out, "usage: matinee %s COMMAND [ARGUMENTS]\n\n", family);
	for (; *table; table++)
		if (strncmp((*table)->name, family, n) == 0 && (*table)->name[n] == ' ')
			print_row(out, *table, width_of(columns));
	fprintf(out, "\n`matinee help %s` says more of each.\n", family);
}

static void bash_case(struct buf *to, const struct command *c)
{
	buf_addf(to, "\t'%s'|'%s '*)\n\t\tif [[ $cur == -* ]]; then COMPREPLY=($(compgen -W '", c->name, c->name);
	for (const struct command_option *o = c->options; o && o->name; o++)
		buf_addf(to, "--%s ", o->name);
	for (const struct command_option *o = global_options; o->name; o++)
		buf_addf(to, "--%s ", o->name);
	buf_adds(to, "' -- \"$cur\")); else COMPREPLY=($(compgen -W \"$next\" -- \"$cur\") $(compgen -f -- \"$cur\")); fi;;\n");
}

static void complete_bash(struct buf *to, const struct command *const *table)
{
	buf_adds(to, "_matinee() {\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} line=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\"\n"
		     "\tlocal words=\"");
	for (const struct command *const *c = table; *c; c++)
		if (!((*c)->flags & COMMAND_HIDDEN))
			buf_addf(to, "%s\n", (*c)->name);
	buf_adds(to, "\"\n\tlocal next=$(printf '%s' \"$words\" | awk -v l=\"$line\" "
		     "'l == \"\" { print $1 } l != \"\" && index($0, l \" \") == 1 { print $2 }' | sort -u)\n"
		     "\tcase \"$line\" in\n");
	for (int two = 1; two >= 0; two--) /* "items edit" before "items" */
		for (const struct command *const *c = table; *c; c++)
			if (!((*c)->flags & COMMAND_HIDDEN) && (strchr((*c)->name, ' ') != NULL) == two)
				bash_case(to, *c);
	buf_adds(to, "\t*) COMPREPLY=($(compgen -W \"$next\" -- \"$cur\"));;\n\tesac\n}\ncomplete -F _matinee matinee\n");
}

static void complete_fish(struct buf *to, const struct command *const *table)
{
	for (; *table; table++) {
		const struct command *c = *table;
		const char *space = strchr(c->name, ' ');
		int first = space ? (int)(space - c->name) : (int)strlen(c->name);

		if (c->flags & COMMAND_HIDDEN)
			continue;
		if (space)
			buf_addf(to,
				 "complete -c matinee -n '__fish_use_subcommand' -a '%.*s'\n"
				 "complete -c matinee -n '__fish_seen_subcommand_from %.*s' -a '%s' -d \"%.*s\"\n",
				 first, c->name, first, c->name, space + 1, first_line(c->help), c->help);
		else
			buf_addf(to, "complete -c matinee -n '__fish_use_subcommand' -a '%s' -d \"%.*s\"\n", c->name,
				 first_line(c->help), c->help);
		for (const struct command_option *o = c->options; o && o->name; o++)
			buf_addf(to, "complete -c matinee -n '__fish_seen_subcommand_from %.*s' -l %s%s -d \"%s\"\n",
				 first, c->name, o->name, o->value ? " -r" : "", o->help ? o->help : "");
	}
	for (const struct command_option *o = global_options; o->name; o++)
		if (o->help)
			buf_addf(to, "complete -c matinee -l %s%s -d \"%s\"\n", o->name, o->value ? " -r" : "", o->help);
}

static void complete_zsh(struct buf *to, const struct command *const *table)
{
	buf_adds(to, "#compdef matinee\nautoload -U +X bashcompinit && bashcompinit\n");
	complete_bash(to, table);
}

int help_completion(struct buf *to, const char *shell, const struct command *const *table, struct err *err)
{
	if (strcmp(shell, "bash") == 0)
		complete_bash(to, table);
	else if (strcmp(shell, "zsh") == 0)
		complete_zsh(to, table);
	else if (strcmp(shell, "fish") == 0)
		complete_fish(to, table);
	else
		return err_set(err, ERR_USAGE, "completion for '%.40s' is not there; choose bash, zsh or fish", shell);
	return 0;
}

/* Text for roff: a leading dot or quote would be a request, a backslash an escape. */
static void man_text(struct buf *to, const char *text)
{
	bool start = true;

	for (; *text; text++) {
		if (start && (*text == '.' || *text == '\''))
			buf_adds(to, "\\&");
		if (*text == '\\')
			buf_adds(to, "\\e");
		else if (*text == '-')
			buf_adds(to, "\\-");
		else
			buf_addc(to, *text);
		start = *text == '\n';
	}
}

static void man_options(struct buf *to, const struct command_option *options)
{
	for (; options && options->name; options++) {
		if (!options->help)
			continue;
		buf_adds(to, ".TP\n.B ");
		if (options->letter)
			buf_addf(to, "\\-%c, ", options->letter);
		buf_adds(to, "\\-\\-");
		man_text(to, options->name);
		if (options->value)
			buf_addf(to, " \\fI%s\\fR", options->value);
		buf_addc(to, '\n');
		man_text(to, options->help);
		if (options->choices) {
			buf_adds(to, " One of ");
			man_text(to, options->choices);
			buf_addc(to, '.');
		}
		buf_addc(to, '\n');
	}
}

void help_man(struct buf *to, const struct command *const *table)
{
	buf_adds(to, ".TH MATINEE 1 \"\" \"matinee " MATINEE_VERSION "\" \"User Commands\"\n"
		     ".SH NAME\nmatinee \\- a library for the media you own, and television from it\n"
		     ".SH SYNOPSIS\n.B matinee\n.I COMMAND\n[ARGUMENTS]\n.SH COMMANDS\n");
	for (; *table; table++) {
		if ((*table)->flags & COMMAND_HIDDEN)
			continue;
		buf_adds(to, ".SS ");
		man_text(to, (*table)->name);
		buf_adds(to, *(*table)->args ? " " : "");
		man_text(to, (*table)->args);
		buf_addc(to, '\n');
		man_text(to, (*table)->help);
		buf_addc(to, '\n');
		man_options(to, (*table)->options);
	}
	buf_adds(to, ".SH OPTIONS\nFor every command:\n");
	man_options(to, global_options);
	buf_adds(to, ".SH CONFIGURATION\nRead from \\fI$XDG_CONFIG_HOME/matinee/matinee.yaml\\fR; "
		     "\\fBmatinee config init\\fR writes a commented one. The environment goes over it "
		     "(MATINEE_SERVER_LISTEN for server.listen), flags over all.\n");
	for (const struct option_row *row = option_rows; row->name; row++) {
		buf_adds(to, ".TP\n.B ");
		man_text(to, row->name);
		buf_addc(to, '\n');
		man_text(to, row->help);
		buf_adds(to, " Default: ");
		man_text(to, *row->fallback ? row->fallback : "none");
		buf_adds(to, ".\n");
	}
	buf_adds(to, ".SH ENVIRONMENT\n.TP\n.B MATINEE_NOW\nRFC 3339: shifts the clock of a process; for rehearsals, "
		     "only on a store that was made under it.\n.TP\n.B NO_COLOR\nNo colours.\n"
		     ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage.\n");
}
