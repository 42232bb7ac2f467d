/* items.c - `matinee items`: the library as a list. The language of its filters: docs/search.md. */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/filter_args.h"
#include "cli/item_table.h"
#include "cli/table.h"
#include "store/items.h"

#define KINDS "movie|show|episode|commercial|bumper|ident|promo|filler|interstitial|track|other"
#define DEFAULT_LIMIT 100 /* on a terminal; a pipe gets all */

static const struct table_column items_columns[] = {
	{ "ID", "id", TABLE_NUMBER },	  { "Kind", "kind", TABLE_TEXT },	  { "Title", "title", TABLE_TEXT },
	{ "Year", "year", TABLE_NUMBER }, { "Episode", "episode", TABLE_TEXT }, { "Length", "length", TABLE_TEXT },
	{ "Size", "size", TABLE_NUMBER }, { "State", "state", TABLE_TEXT },	  { 0 },
};

static void add_number(struct table *table, const json_t *item, const char *key)
{
	const json_t *value = json_object_get(item, key);

	if (json_is_integer(value))
		table_add_int(table, json_integer_value(value));
	else
		table_add(table, NULL);
}

/* "S02E05 Undertow" */
static void add_episode(struct table *table, const json_t *item)
{
	int64_t season = json_int(item, "season", -1), episode = json_int(item, "episode", -1);
	const char *title = json_text(item, "episode_title", "");
	const char *date = json_text(item, "air_date", "");
	const char *space = *title ? " " : "";

	if (season >= 0 && episode >= 0)
		table_addf(table, "S%02lldE%02lld%s%s", (long long)season, (long long)episode, space, title);
	else if (episode >= 0)
		table_addf(table, "%lld%s%s", (long long)episode, space, title);
	else if (*date || *title)
		table_addf(table, "%s%s%s", date, *date ? space : "", title);
	else
		table_add(table, NULL);
}

static void add_row(struct table *table, const json_t *item)
{
	int64_t ms = json_int(item, "duration_ms", 0);
	char text[32];

	add_number(table, item, "id");
	table_add(table, json_text(item, "kind", ""));
	table_add(table, json_text(item, "title", ""));
	add_number(table, item, "year");
	add_episode(table, item);
	table_add(table, ms ? clock_format_duration(text, sizeof(text), ms) : NULL);
	add_number(table, item, "size");
	table_add(table, json_text(item, "state", ""));
}

void items_print(const struct command_context *ctx, const json_t *list)
{
	const json_t *items = json_object_get(list, "items");
	struct table *table = table_new(items_columns);
	int64_t total = json_int(list, "total", 0);

	for (size_t i = 0; i < json_array_size(items); i++)
		add_row(table, json_array_get(items, i));
	table_print(table, ctx, total);
	table_free(table);
	if (ctx->out_tty && !ctx->quiet && total > (int64_t)json_array_size(items))
		fprintf(ctx->err, "%zu of %lld; --limit 0 shows all\n", json_array_size(items), (long long)total);
}

static int items_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(json_cleanup) json_t *list = NULL;
	CLEANUP(buf_free) struct buf search = filter_arguments(ctx->argc, ctx->argv, command_text(ctx, "search", NULL));
	struct item_query query = { .kind = command_text(ctx, "kind", NULL),
				    .search = buf_text(&search),
				    .sort = command_text(ctx, "sort", NULL) };

	if (command_int(ctx, "limit", 0, 1000000000, ctx->out_tty ? DEFAULT_LIMIT : 0, &query.limit, err) < 0)
		return -(int)ERR_USAGE;
	list = items_list_json(ctx->db, &query, err);
	if (!list)
		return err && err->code ? -(int)err->code : -(int)ERR_STORE;
	if (ctx->json) {
		table_print_json(ctx, list);
		return 0;
	}
	items_print(ctx, list);
	if (json_flag(list, "fuzzy", false) && !ctx->quiet)
		fputs("nothing has all these words; this is spelt like them\n", ctx->err);
	return 0;
}

static const struct command_option options[] = {
	{ "kind", 'k', "KIND", KINDS, "Only items of this kind." },
	{ "search", 's', "FILTER", NULL, "Only items that pass this filter; the same as FILTER without the option." },
	{ "sort", 0, "SORT", "relevance|title|added|year|duration|modified|aired",
	  "Order; newest, longest, last changed and last aired come first. Unless told, words bring the best first." },
	{ "limit", 'l', "N", NULL, "At most N items; 0 for all." },
	{ 0 },
};

const struct command items_command = {
	.name = "items",
	.args = "[FILTER...]",
	.help = "List films, shows, episodes and the rest of the library.\n"
		"FILTER is words, \"words in this order\" and terms as kind:episode year:1978..1983 height:>=720 -rating:R\n"
		"added:<7d is:duplicate, joined by AND unless OR stands between them; docs/search.md says all of it.",
	.needs = NEEDS_READ,
	.max_args = -1,
	.options = options,
	.run = items_run,
};
