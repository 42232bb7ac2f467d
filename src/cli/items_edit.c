/* items_edit.c - `matinee items edit|add|undo|edits|history|values`: what people say of items.
 * docs/metadata.md. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/table.h"
#include "library/editing.h"
#include "store/filter.h"

#define LISTED 100

static void changed(struct command_context *ctx)
{
	if (ctx->server && ctx->server->station_changed)
		ctx->server->station_changed(ctx->server->server, 0);
}

/* ---- FIELD=VALUE ---- */

/* A day as people write it is over at its end. */
static int read_time(const char *value, json_t **ret, struct err *err)
{
	char text[40];
	int64_t ms, first;
	bool age;

	if (clock_parse(value, &ms, NULL) < 0 && filter_time(value, clock_wall_ms(), &first, &ms, &age) < 0)
		return err_set(err, ERR_USAGE,
			       "'%.40s' is no time; write 2026-12-31, 30d or 2026-12-31T20:00:00Z", value);
	*ret = json_string(clock_format(text, sizeof(text), ms));
	return 0;
}

static int read_value(const struct metadata_field *field, const char *value, json_t **ret, struct err *err)
{
	char *end;

	if (!*value || strcmp(value, "none") == 0) {
		*ret = json_null();
	} else if (field && field->type == METADATA_NUMBER) {
		*ret = json_integer(strtoll(value, &end, 10));
		if (*end)
			return err_set(err, ERR_USAGE, "'%s' takes a whole number, not '%.40s'", field->name,
				       value);
	} else if (field && field->type == METADATA_TIME) {
		return read_time(value, ret, err);
	} else {
		*ret = json_string(value);
	}
	return *ret ? 0 : err_set(err, ERR_USAGE, "'%.40s' is not UTF-8", value);
}

static int take_set(const char *text, json_t *to, struct err *err)
{
	const char *equals = strchr(text, '=');
	char name[64];
	json_t *value = NULL;

	if (!equals || equals == text || (size_t)(equals - text) >= sizeof(name))
		return err_set(err, ERR_USAGE,
			       "--set %.60s: write FIELD=VALUE, as daypart=evening; FIELD= unsets", text);
	memcpy(name, text, (size_t)(equals - text));
	name[equals - text] = '\0';
	if (read_value(metadata_field(name), equals + 1, &value, err) < 0)
		return -(int)ERR_USAGE;
	return json_object_set_new(to, name, value);
}

/* {"set", "add_tags", "remove_tags"} of the options. New reference. */
static json_t *take_changes(struct command_context *ctx, struct err *err)
{
	json_t *set = json_object(), *add = json_array(), *gone = json_array();
	int rc = 0;

	for (const struct command_value *v = ctx->values; v; v = v->next) {
		if (strcmp(v->name, "set") == 0 && take_set(v->text, set, err) < 0)
			rc = -1;
		else if (strcmp(v->name, "tag") == 0)
			json_array_append_new(add, json_string(v->text));
		else if (strcmp(v->name, "untag") == 0)
			json_array_append_new(gone, json_string(v->text));
	}
	if (rc == 0)
		return json_pack("{s:o,s:o,s:o}", "set", set, "add_tags", add, "remove_tags", gone);
	json_decref(set);
	json_decref(add);
	json_decref(gone);
	return NULL;
}

/* ---- items edit ---- */

static int take_ids(struct command_context *ctx, json_t **ret, struct err *err)
{
	json_t *ids = json_array();

	for (int i = 0; i < ctx->argc; i++) {
		int64_t id;

		if (command_id(ctx->argv[i], "item", "items", &id, err) < 0) {
			json_decref(ids);
			return -(int)ERR_USAGE;
		}
		json_array_append_new(ids, json_integer(id));
	}
	*ret = ids;
	return 0;
}

static void report(struct command_context *ctx, const struct editing_result *result, bool dry_run)
{
	if (ctx->json) {
		CLEANUP(json_cleanup)
		json_t *json = json_pack("{s:I,s:I,s:o}", "matched", (json_int_t)result->matched, "changed",
					 (json_int_t)result->changed, "undo",
					 result->edit_id ? json_integer(result->edit_id) : json_null());

		table_print_json(ctx, json);
	} else if (!ctx->quiet) {
		fprintf(ctx->out, "%lld items, %lld %s\n", (long long)result->matched,
			(long long)result->changed, dry_run ? "would be changed" : "changed");
		if (result->edit_id)
			fprintf(ctx->out, "'matinee items undo %lld' takes it back\n",
				(long long)result->edit_id);
	}
}

static int edit_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(json_cleanup) json_t *changes = take_changes(ctx, err);
	CLEANUP(json_cleanup) json_t *ids = NULL;
	const char *where = command_text(ctx, "where", NULL);
	bool dry_run = command_switch(ctx, "dry-run");
	struct editing_result result;

	if (!changes)
		return -(int)ERR_USAGE;
	if ((where != NULL) == (ctx->argc > 0))
		return err_set(err, ERR_USAGE, "which items? give their numbers, or --where FILTER");
	if (where && !*where)
		return err_set(err, ERR_USAGE, "--where '' would change every item; say which");
	if (take_ids(ctx, &ids, err) < 0 || editing_bulk(ctx->db, ctx->db, where, ids, changes, "command",
							 dry_run, ctx->cancelled, &result, err) < 0)
		return -(int)err->code;
	if (!where && result.matched == 1 && !result.changed && !dry_run) {
		struct item item;
		struct arena arena = { 0 };
		int rc = items_get(ctx->db, json_integer_value(json_array_get(ids, 0)), &arena, &item, err);

		arena_free(&arena);
		if (rc < 0)
			return rc;
	}
	if (!dry_run)
		changed(ctx);
	report(ctx, &result, dry_run);
	return 0;
}

static int undo_run(struct command_context *ctx, struct err *err)
{
	struct editing_result result;
	int64_t id;

	if (command_id(ctx->argv[0], "edit", "items edits", &id, err) < 0 ||
	    editing_undo(ctx->db, id, "command", &result, err) < 0)
		return -(int)err->code;
	changed(ctx);
	if (ctx->json)
		report(ctx, &result, false);
	else if (!ctx->quiet)
		fprintf(ctx->out, "%lld items are as they were; %lld had been changed since and stay\n",
			(long long)result.changed, (long long)(result.matched - result.changed));
	return 0;
}

/* ---- items add ---- */

static int add_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(json_cleanup) json_t *changes = take_changes(ctx, err);
	json_t *fields = json_object_get(changes, "set");
	int64_t id;

	if (!changes)
		return -(int)ERR_USAGE;
	json_object_set_new(fields, "title", json_string(ctx->argv[0]));
	if (command_text(ctx, "kind", NULL))
		json_object_set_new(fields, "kind", json_string(command_text(ctx, "kind", NULL)));
	if (json_array_size(json_object_get(changes, "add_tags")))
		json_object_set(fields, "tags", json_object_get(changes, "add_tags"));
	if (editing_add(ctx->db, fields, "command", &id, err) < 0)
		return -(int)err->code;
	changed(ctx);
	if (ctx->json) {
		CLEANUP(json_cleanup) json_t *json = json_pack("{s:I}", "id", (json_int_t)id);

		table_print_json(ctx, json);
	} else if (!ctx->quiet) {
		fprintf(ctx->out, "item %lld\n", (long long)id);
	}
	return 0;
}

/* ---- lists ---- */

static int history_run(struct command_context *ctx, struct err *err)
{
	static const struct table_column columns[] = {
		{ "At", "at", TABLE_TIME },	  { "Who", "who", TABLE_TEXT },
		{ "What", "what", TABLE_TEXT },	  { "Before", "before", TABLE_TEXT },
		{ "After", "after", TABLE_TEXT }, { NULL, NULL, TABLE_TEXT },
	};
	int64_t id;

	if (command_id(ctx->argv[0], "item", "items", &id, err) < 0)
		return -(int)ERR_USAGE;
	return table_list(ctx, columns, metadata_history_json(ctx->db, id, LISTED, 0, err), err);
}

static int edits_run(struct command_context *ctx, struct err *err)
{
	static const struct table_column columns[] = {
		{ "ID", "id", TABLE_NUMBER },	    { "At", "at", TABLE_TIME },
		{ "Who", "who", TABLE_TEXT },	    { "Items", "changed", TABLE_NUMBER },
		{ "Filter", "query", TABLE_TEXT },  { "Changes", "changes", TABLE_TEXT },
		{ "Undone", "undone", TABLE_TIME }, { NULL, NULL, TABLE_TEXT },
	};

	return table_list(ctx, columns, edits_json(ctx->db, LISTED, 0, err), err);
}

static int values_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(json_cleanup) json_t *values = editing_values(ctx->db, err);
	const char *field;
	json_t *list;

	if (!values)
		return -(int)err->code;
	if (ctx->json) {
		table_print_json(ctx, values);
		return 0;
	}
	json_object_foreach(values, field, list)
	{
		fprintf(ctx->out, "%s%s", field, ctx->out_tty ? ":" : "");
		for (size_t i = 0; i < json_array_size(list); i++)
			fprintf(ctx->out, "%s%s", ctx->out_tty ? i ? ", " : " " : "\t",
				json_string_value(json_array_get(list, i)));
		fputc('\n', ctx->out);
	}
	return 0;
}

/* ---- the commands ---- */

static const struct command_option edit_options[] = {
	{ "where", 'w', "FILTER", NULL, "All items that pass this filter; docs/search.md." },
	{ "set", 's', "FIELD=VALUE", NULL,
	  "A field and its new value; FIELD= unsets it. May be given again." },
	{ "tag", 't', "TAG", NULL, "Adds a tag. May be given again." },
	{ "untag", 0, "TAG", NULL, "Takes a tag away. May be given again." },
	{ "dry-run", 'n', NULL, NULL, "Only says how many would be changed." },
	{ 0 },
};

static const struct command_option add_options[] = {
	{ "kind", 'k', "KIND", NULL, "movie unless told; commercial, bumper, ident, ..." },
	{ "set", 's', "FIELD=VALUE", NULL, "A field and its value. May be given again." },
	{ "tag", 't', "TAG", NULL, "Adds a tag. May be given again." },
	{ 0 },
};

const struct command items_edit_command = {
	.name = "items edit",
	.args = "[ID...]",
	.help = "Change what is known of items: one, several, or all that pass a filter.\n"
		"Fields: title, year, season, episode, kind, daypart, air_season, rating, company, category, "
		"audience, warnings,\n"
		"notes, expires.",
	.needs = NEEDS_WRITE,
	.max_args = -1,
	.options = edit_options,
	.run = edit_run,
};

const struct command items_undo_command = {
	.name = "items undo",
	.args = "EDIT",
	.help = "Take back an edit. What was changed again since then stays as it is.",
	.needs = NEEDS_WRITE,
	.min_args = 1,
	.max_args = 1,
	.run = undo_run,
};

const struct command items_edits_command = {
	.name = "items edits",
	.args = "",
	.help = "List the edits, the newest first.",
	.needs = NEEDS_READ,
	.run = edits_run,
};

const struct command items_add_command = {
	.name = "items add",
	.args = "TITLE",
	.help = "Add an item by hand, before or without a file.",
	.needs = NEEDS_WRITE,
	.flags = COMMAND_FOUNDS,
	.min_args = 1,
	.max_args = 1,
	.options = add_options,
	.run = add_run,
};

const struct command items_history_command = {
	.name = "items history",
	.args = "ID",
	.help = "Show what was changed on an item, when and by whom, the newest first.",
	.needs = NEEDS_READ,
	.min_args = 1,
	.max_args = 1,
	.run = history_run,
};

const struct command items_values_command = {
	.name = "items values",
	.args = "",
	.help = "List the usual values of the fields, and those in use.",
	.needs = NEEDS_READ,
	.run = values_run,
};
