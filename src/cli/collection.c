/* collection.c - `matinee collection list|show|add|edit|put|take|move|remove`: named groups of items.
 * docs/collections.md. */
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "cli/arguments.h"
#include "cli/item_table.h"
#include "store/collections.h"
#include "store/metadata.h"

#define LISTED 100 /* on a terminal; a pipe gets all */

static const struct table_column columns[] = {
	{ "ID", "id", TABLE_NUMBER },	    { "Name", "name", TABLE_TEXT },
	{ "Items", "items", TABLE_NUMBER }, { "Filter", "filter", TABLE_TEXT },
	{ "Notes", "notes", TABLE_TEXT },   { 0 },
};

static void changed(struct command_context *ctx)
{
	if (ctx->server && ctx->server->station_changed)
		ctx->server->station_changed(ctx->server->server, 0);
}

/* ---- showing ---- */

static int list_run(struct command_context *ctx, struct err *err)
{
	return table_list(ctx, columns, collections_json(ctx->db, 0, 0, err), err);
}

static int show_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *list = NULL;
	struct collection c;
	int64_t limit;

	if (command_int(ctx, "limit", 0, 1000000000, ctx->out_tty ? LISTED : 0, &limit, err) < 0 ||
	    collections_find(ctx->db, ctx->argv[0], &arena, &c, err) < 0)
		return -(int)err->code;
	list = collection_items_json(ctx->db, &c, limit, 0, err);
	if (!list)
		return -(int)err->code;
	if (ctx->json) {
		json_t *self = collection_json(ctx->db, &c, err);

		if (!self)
			return -(int)err->code;
		json_object_set_new(list, "collection", self);
		table_print_json(ctx, list);
		return 0;
	}
	items_print(ctx, list);
	return 0;
}

static int say(struct command_context *ctx, int64_t id, const char *what, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *json = NULL;
	struct collection c;

	if (collections_get(ctx->db, id, &arena, &c, err) < 0)
		return -(int)err->code;
	json = collection_json(ctx->db, &c, err);
	if (!json)
		return -(int)err->code;
	if (ctx->json)
		table_print_json(ctx, json);
	else if (!ctx->quiet)
		fprintf(ctx->out, "collection '%s': %s%lld items\n", c.name, what,
			(long long)json_int(json, "items", 0));
	return 0;
}

/* ---- changing ---- */

/* The numbers in argv from `first` on, and the items of --where. */
static int take_items(struct command_context *ctx, int first, struct arena *arena, struct item_ids *ret,
		      struct err *err)
{
	struct item_query query = { .search = command_text(ctx, "where", NULL) };
	size_t more = ctx->argc > first ? (size_t)(ctx->argc - first) : 0;
	struct item_ids found = { 0 };
	int rc = 0;

	if (query.search && !query.search[strspn(query.search, " \t")])
		return err_set(err, ERR_USAGE, "--where '' would be every item; say which");
	if (query.search)
		rc = items_ids(ctx->db, &query, arena, &found, err);
	if (rc < 0)
		return rc;
	ret->ids = arena_alloc(arena, (found.count + more + 1) * sizeof(*ret->ids));
	ret->count = 0;
	for (size_t i = 0; i < more; i++)
		if (command_id(ctx->argv[first + (int)i], "item", "items", &ret->ids[ret->count++], err) < 0)
			return -(int)ERR_USAGE;
	if (found.count)
		memcpy(ret->ids + ret->count, found.ids, found.count * sizeof(*found.ids));
	ret->count += found.count;
	return 0;
}

static int add_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct collection c = { .name = ctx->argv[0],
				.filter = command_text(ctx, "filter", NULL),
				.notes = command_text(ctx, "notes", "") };
	struct item_ids items;
	int64_t added;
	int rc = take_items(ctx, 1, &arena, &items, err);

	if (rc == 0 && c.filter && items.count)
		return err_set(err, ERR_USAGE, "either a filter or items, not both");
	if (rc == 0)
		rc = db_begin(ctx->db, err);
	if (rc < 0)
		return rc;
	rc = collections_set(ctx->db, &c, err);
	if (rc == 0 && items.count)
		rc = collections_put(ctx->db, c.id, items.ids, items.count, &added, err);
	if (rc < 0) {
		db_rollback(ctx->db);
		return rc;
	}
	rc = db_commit(ctx->db, err);
	if (rc < 0)
		return rc;
	changed(ctx);
	return say(ctx, c.id, "made, ", err);
}

static int edit_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct collection c;

	if (collections_find(ctx->db, ctx->argv[0], &arena, &c, err) < 0)
		return -(int)err->code;
	c.name = command_text(ctx, "name", c.name);
	c.notes = command_text(ctx, "notes", c.notes);
	c.filter = command_text(ctx, "filter", c.filter);
	if (c.filter && !*c.filter)
		c.filter = NULL;
	if (collections_set(ctx->db, &c, err) < 0)
		return -(int)err->code;
	changed(ctx);
	return say(ctx, c.id, "", err);
}

static int put_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct collection c;
	struct item_ids items;
	int64_t added;
	char what[64];

	if (ctx->argc < 2 && !command_text(ctx, "where", NULL))
		return err_set(err, ERR_USAGE, "which items? give their numbers, or --where FILTER");
	if (collections_find(ctx->db, ctx->argv[0], &arena, &c, err) < 0 ||
	    take_items(ctx, 1, &arena, &items, err) < 0 ||
	    collections_put(ctx->db, c.id, items.ids, items.count, &added, err) < 0)
		return -(int)err->code;
	changed(ctx);
	snprintf(what, sizeof(what), "%lld added, now ", (long long)added);
	return say(ctx, c.id, what, err);
}

static int take_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct collection c;
	struct item_ids items;
	int64_t taken;
	char what[64];

	if (ctx->argc < 2 && !command_text(ctx, "where", NULL))
		return err_set(err, ERR_USAGE, "which items? give their numbers, or --where FILTER");
	if (collections_find(ctx->db, ctx->argv[0], &arena, &c, err) < 0 ||
	    take_items(ctx, 1, &arena, &items, err) < 0 ||
	    collections_take(ctx->db, c.id, items.ids, items.count, &taken, err) < 0)
		return -(int)err->code;
	changed(ctx);
	snprintf(what, sizeof(what), "%lld taken out, now ", (long long)taken);
	return say(ctx, c.id, what, err);
}

static int place_of(const char *text, int64_t *ret, struct err *err)
{
	if (number_parse(text, ret) < 0 || *ret < 1)
		return err_set(err, ERR_USAGE, "'%.60s' is no place in a collection; the first is 1", text);
	return 0;
}

static int move_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct collection c;
	int64_t item, place;

	if (collections_find(ctx->db, ctx->argv[0], &arena, &c, err) < 0 ||
	    command_id(ctx->argv[1], "item", "items", &item, err) < 0 || place_of(ctx->argv[2], &place, err) < 0 ||
	    collections_place(ctx->db, c.id, item, place, err) < 0)
		return -(int)err->code;
	changed(ctx);
	return say(ctx, c.id, "", err);
}

static int remove_run(struct command_context *ctx, struct err *err)
{
	for (int i = 0; i < ctx->argc; i++) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct collection c;

		if (collections_find(ctx->db, ctx->argv[i], &arena, &c, err) < 0 ||
		    collections_remove(ctx->db, c.id, err) < 0)
			return -(int)err->code;
		if (!ctx->quiet)
			fprintf(ctx->json ? ctx->err : ctx->out, "collection '%s' is gone; its items stay\n",
				c.name);
		changed(ctx);
	}
	return 0;
}

/* ---- the rows of the command table ---- */

static const struct command_option show_options[] = {
	{ "limit", 'l', "N", NULL, "At most N items; 0 for all." },
	{ 0 },
};
static const struct command_option add_options[] = {
	{ "filter", 'f', "FILTER", NULL,
	  "A smart one: what passes this filter belongs to it, now and later." },
	{ "where", 0, "FILTER", NULL, "Puts in what passes this filter now." },
	{ "notes", 0, "TEXT", NULL, "Notes." },
	{ 0 },
};
static const struct command_option edit_options[] = {
	{ "name", 0, "NAME", NULL,
	  "Its name. Filters of channels and other collections that say the old one have to be changed, "
	  "too." },
	{ "filter", 'f', "FILTER", NULL, "What belongs to it; '' makes it one by hand, empty." },
	{ "notes", 0, "TEXT", NULL, "Notes." },
	{ 0 },
};
static const struct command_option items_options[] = {
	{ "where", 0, "FILTER", NULL, "The items that pass this filter." },
	{ 0 },
};

const struct command collection_list_command = {
	.name = "collection list",
	.args = "",
	.help = "List the collections.",
	.needs = NEEDS_READ,
	.run = list_run,
};
const struct command collection_show_command = {
	.name = "collection show",
	.args = "NAME",
	.help = "List what is in a collection, in its order.",
	.needs = NEEDS_READ,
	.min_args = 1,
	.max_args = 1,
	.options = show_options,
	.run = show_run,
};
const struct command collection_add_command = {
	.name = "collection add",
	.args = "NAME [ITEM...]",
	.help = "Make a collection: of these items in this order, or smart, by a filter.\n"
		"collection:NAME asks for it in every filter: in lists, for channels, spots and other "
		"collections. A channel that\n"
		"airs a collection made by hand, in order, airs it in the collection's order.",
	.needs = NEEDS_WRITE,
	.flags = COMMAND_FOUNDS,
	.min_args = 1,
	.max_args = -1,
	.options = add_options,
	.run = add_run,
};
const struct command collection_edit_command = {
	.name = "collection edit",
	.args = "NAME",
	.help = "Change the name, the filter or the notes of a collection.",
	.needs = NEEDS_WRITE,
	.min_args = 1,
	.max_args = 1,
	.options = edit_options,
	.run = edit_run,
};
const struct command collection_put_command = {
	.name = "collection put",
	.args = "NAME [ITEM...]",
	.help = "Put items at the end of a collection. A show brings its episodes.",
	.needs = NEEDS_WRITE,
	.min_args = 1,
	.max_args = -1,
	.options = items_options,
	.run = put_run,
};
const struct command collection_take_command = {
	.name = "collection take",
	.args = "NAME [ITEM...]",
	.help = "Take items out of a collection. They stay in the library.",
	.needs = NEEDS_WRITE,
	.min_args = 1,
	.max_args = -1,
	.options = items_options,
	.run = take_run,
};
const struct command collection_move_command = {
	.name = "collection move",
	.args = "NAME ITEM PLACE",
	.help = "Move an item within a collection: 1 is the first place.",
	.needs = NEEDS_WRITE,
	.min_args = 3,
	.max_args = 3,
	.run = move_run,
};
const struct command collection_remove_command = {
	.name = "collection remove",
	.args = "NAME...",
	.help = "Remove collections. Their items stay in the library, and no file is touched.",
	.needs = NEEDS_WRITE,
	.min_args = 1,
	.max_args = -1,
	.run = remove_run,
};
