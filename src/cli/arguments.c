/* arguments.c - see arguments.h. */
#include "cli/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/number.h"
#include "cli/options.h"

const struct command_option global_options[] = {
	{ "help", 'h', NULL, NULL, "Show help and exit." },
	{ "version", 0, NULL, NULL, "Show the version and exit." },
	{ "config", 0, "FILE", NULL, "Read this configuration file." },
	{ "profile", 0, "NAME", NULL, NULL },
	{ "data", 0, "DIR", NULL, "Folder of the database and the cache." },
	{ "log-level", 0, "LEVEL", "DEBUG|INFO|WARNING|ERROR|CRITICAL", "What is logged." },
	{ "log-file", 0, "FILE", NULL, "Log to this file instead of standard error." },
	{ "json", 0, NULL, NULL, "One JSON document on standard output." },
	{ "quiet", 'q', NULL, NULL, "No progress and no notes, only results and errors." },
	{ NULL, 0, NULL, NULL, NULL },
};

struct parser {
	const struct command *command;
	struct arena *arena;
	struct arguments *to;
	int argc, at;
	char **argv;
};

/* How many leading words of argv name the command: 2, 1 or 0. */
static int names(const struct command *command, int argc, char **argv)
{
	const char *space = strchr(command->name, ' ');
	size_t first = space ? (size_t)(space - command->name) : strlen(command->name);

	if (argc < 1 || strncmp(argv[0], command->name, first) != 0 || argv[0][first])
		return 0;
	if (!space)
		return 1;
	return argc >= 2 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

static bool is_family(const struct command *command, const char *word)
{
	size_t n = strlen(word);

	return strncmp(command->name, word, n) == 0 && command->name[n] == ' ';
}

static const struct command_option *find_in(const struct command_option *options, const char *name, size_t len,
					    char letter)
{
	for (; options && options->name; options++)
		if (letter ? options->letter == letter :
			     strlen(options->name) == len && strncmp(options->name, name, len) == 0)
			return options;
	return NULL;
}

/* A command's own --profile (of a channel) wins over the global one (of the configuration). */
static const struct command_option *find(const struct parser *p, const char *name, size_t len, char letter)
{
	const struct command_option *option = NULL;

	if (p->command)
		option = find_in(p->command->options, name, len, letter);
	return option ? option : find_in(global_options, name, len, letter);
}

static int take(struct parser *p, const struct command_option *option, const char *text, struct err *err)
{
	struct command_value *value;

	if (option->value && !text) {
		if (p->at + 1 >= p->argc)
			return err_set(err, ERR_USAGE, "--%s needs a value: --%s %s", option->name, option->name,
				       option->value);
		text = p->argv[++p->at];
	} else if (!option->value && text) {
		return err_set(err, ERR_USAGE, "--%s takes no value", option->name);
	}
	if (text && option->choices && !option_is_choice(option->choices, text))
		return err_set(err, ERR_USAGE, "--%s: '%.60s' is none of %s", option->name, text, option->choices);
	value = arena_alloc(p->arena, sizeof(*value));
	*value = (struct command_value){ option->name, text ? text : "1", p->to->values };
	p->to->values = value;
	return 0;
}

static int take_long(struct parser *p, const char *word, struct err *err)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct command_option *option = find(p, word, len, 0);

	if (!option)
		return err_set(err, ERR_USAGE, "there is no option --%.*s%s%s", (int)len, word,
			       p->command ? " for " : "", p->command ? p->command->name : "");
	return take(p, option, equals ? equals + 1 : NULL, err);
}

static int take_letters(struct parser *p, const char *word, struct err *err)
{
	for (; *word; word++) {
		const struct command_option *option = find(p, NULL, 0, *word);

		if (!option)
			return err_set(err, ERR_USAGE, "there is no option -%c; a name that begins with '-' goes after --",
				       *word);
		if (option->value)
			return take(p, option, word[1] ? word + 1 : NULL, err);
		if (take(p, option, NULL, err) < 0)
			return -(int)ERR_USAGE;
	}
	return 0;
}

static int take_all(struct parser *p, struct err *err)
{
	bool ended = false;

	p->to->argv = arena_alloc(p->arena, sizeof(char *) * ((size_t)p->argc + 1));
	for (p->at = 0; p->at < p->argc; p->at++) {
		char *word = p->argv[p->at];
		int rc = 0;

		if (!ended && strcmp(word, "--") == 0)
			ended = true;
		else if (!ended && word[0] == '-' && word[1] == '-')
			rc = take_long(p, word + 2, err);
		else if (!ended && word[0] == '-' && word[1])
			rc = take_letters(p, word + 1, err);
		else
			p->to->argv[p->to->argc++] = word;
		if (rc < 0)
			return rc;
	}
	return 0;
}

static bool asks_for_help(const struct parser *p)
{
	for (int i = 0; i < p->argc; i++)
		if (strcmp(p->argv[i], "--help") == 0 || strcmp(p->argv[i], "-h") == 0)
			return true;
	return false;
}

/* The command's words: the first that are not options. Global options may come before them. */
static const struct command *find_command(const struct command *const *table, struct parser *p, struct err *err)
{
	const struct command *best = NULL;
	int words = 0, start = 0;
	bool family = false; /* the word begins some command's name */

	while (start < p->argc && p->argv[start][0] == '-') {
		const char *word = p->argv[start];
		const struct command_option *option =
			word[1] == '-' ? find_in(global_options, word + 2, strlen(word + 2), 0) : NULL;

		start += option && option->value ? 2 : 1;
	}
	if (start >= p->argc)
		return NULL;
	for (; *table; table++) {
		int n = names(*table, p->argc - start, p->argv + start);

		family |= is_family(*table, p->argv[start]);
		if (n > words) {
			words = n;
			best = *table;
		}
	}
	if (!best) {
		if (family && asks_for_help(p))
			p->to->family = p->argv[start];
		else if (family)
			err_set(err, ERR_USAGE, "'%s' alone says too little; `matinee help %s` lists what it can do",
				p->argv[start], p->argv[start]);
		else
			err_set(err, ERR_USAGE, "there is no command '%.60s'; `matinee --help` lists them",
				p->argv[start]);
		return NULL;
	}
	memmove(p->argv + start, p->argv + start + words, sizeof(char *) * (size_t)(p->argc - start - words));
	p->argc -= words;
	return best;
}

int arguments_parse(const struct command *const *table, int argc, char **argv, struct arena *arena,
		    struct arguments *ret, struct err *err)
{
	struct parser p = { .arena = arena, .to = ret, .argc = argc };

	*ret = (struct arguments){ 0 };
	p.argv = arena_alloc(arena, sizeof(char *) * ((size_t)argc + 1));
	memcpy(p.argv, argv, sizeof(char *) * (size_t)argc);
	p.command = ret->command = find_command(table, &p, err);
	if (!p.command && err->code)
		return -(int)ERR_USAGE;
	if (ret->family) {
		ret->help = true;
		return 0;
	}
	if (p.command && (p.command->flags & COMMAND_RAW)) {
		ret->argc = p.argc;
		ret->argv = p.argv;
		return 0;
	}
	if (take_all(&p, err) < 0)
		return -(int)ERR_USAGE;
	ret->help = arguments_text(ret, "help") != NULL;
	ret->version = arguments_text(ret, "version") != NULL;
	if (ret->help || ret->version || !p.command)
		return 0;
	if (ret->argc < p.command->min_args)
		return err_set(err, ERR_USAGE, "matinee %s needs %s", p.command->name, p.command->args);
	if (p.command->max_args >= 0 && ret->argc > p.command->max_args)
		return err_set(err, ERR_USAGE, "matinee %s: '%.60s' is one argument too many", p.command->name,
			       ret->argv[p.command->max_args]);
	return 0;
}

const char *arguments_text(const struct arguments *arguments, const char *name)
{
	for (const struct command_value *v = arguments->values; v; v = v->next)
		if (strcmp(v->name, name) == 0)
			return v->text;
	return NULL;
}

const char *command_text(const struct command_context *ctx, const char *name, const char *fallback)
{
	for (const struct command_value *v = ctx->values; v; v = v->next)
		if (strcmp(v->name, name) == 0)
			return v->text;
	return fallback;
}

bool command_switch(const struct command_context *ctx, const char *name)
{
	return command_text(ctx, name, NULL) != NULL;
}

int command_int(const struct command_context *ctx, const char *name, int64_t min, int64_t max, int64_t fallback,
		int64_t *ret, struct err *err)
{
	const char *text = command_text(ctx, name, NULL);
	int64_t value;

	if (!text) {
		*ret = fallback;
		return 0;
	}
	if (number_parse(text, &value) < 0 || value < min || value > max)
		return err_set(err, ERR_USAGE, "--%s: '%.40s' is not a whole number from %lld to %lld", name, text,
			       (long long)min, (long long)max);
	*ret = value;
	return 0;
}

int command_id(const char *text, const char *what, const char *list, int64_t *ret, struct err *err)
{
	if (number_parse(text, ret) == 0 && *ret > 0)
		return 0;
	err_set(err, ERR_USAGE, "'%.60s' is no %s's number%s%s%s", text, what, list ? "; see 'matinee " : "",
		list ? list : "", list ? "'" : "");
	return -(int)ERR_USAGE;
}

char *command_path(const struct command_context *ctx, const char *argument)
{
	CLEANUP(buf_free) struct buf path = { 0 };
	struct buf out;

	if (*argument == '/')
		buf_adds(&path, argument);
	else
		buf_addf(&path, "%s/%s", ctx->cwd, strcmp(argument, ".") == 0 ? "" : argument);
	while (path.len > 1 && path.data[path.len - 1] == '/')
		path.data[--path.len] = '\0';
	out = TAKE(path);
	return out.data;
}
