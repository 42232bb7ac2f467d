/* channel.c - `matinee channel add|list|show|edit|remove`. What the settings do: docs/station.md. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/station_args.h"
#include "cli/table.h"
#include "station/lineup.h"
#include "station/schedule.h"
#include "store/files.h"
#include "store/filter.h"
#include "store/rating.h"

#define SCHEDULE_OPTIONS \
	{ "kind", 'k', "KIND", NULL, \
	  "What it shows: episode, movie, ... (any: whatever the library has)." }, \
		{ "show", 0, "SHOW", NULL, "Only this show." }, \
		{ "root", 0, "ROOT", NULL, "Only from this folder, as 'matinee root list' names it." }, \
		{ "search", 's', "TEXT", NULL, "Only what has these words." }, \
		{ "order", 'o', "ORDER", "order|shuffle|loop", "In order, shuffled, or as a bare loop." }, \
		{ "grid", 'g', "MINUTES", NULL, \
		  "Programmes start on multiples of so many minutes; 0: back to back." }, \
		{ "loops", 0, "N", NULL, "With loop: so many rounds, then slate; 0: for ever." }, \
		{ "break-every", 0, "SECONDS", NULL, \
		  "A break so often where a programme has no break points." }, \
		{ "break-length", 0, "SECONDS", NULL, \
		  "How long a break may be; 0: a tenth of the programme." }, \
		{ "no-spots", 0, NULL, NULL, "No commercials." }, \
		{ "spots-search", 0, "FILTER", NULL, "Only commercials that pass this filter; '' for all." }, \
		{ "rating-limit", 0, "RATING", NULL, "Nothing above this rating airs; '' for anything." }, \
		{ "no-bumpers", 0, NULL, NULL, "No bumpers around breaks." }, \
		{ "number", 'n', "N", NULL, "Its number, 1 to 99999." }, \
		{ "profile", 'p', "PROFILE", "480p|720p|1080p|720p-hevc|1080p-hevc|source|source-hevc", "Size of its picture; source, source-hevc: H.264, HEVC as the files have it, copied where that can be." }, \
		{ "prepare", 0, "WHEN", "watched|always|never", "When it is encoded ahead of air." }, \
		{ "hue", 0, "DEGREES", NULL, "Its colour, 0 to 359; -1: by the number." }, \
	{ \
		"description", 0, "TEXT", NULL, "A sentence about it." \
	}

static const struct command_option add_options[] = {
	SCHEDULE_OPTIONS,
	{ NULL, 0, NULL, NULL, NULL },
};

static const struct command_option edit_options[] = {
	SCHEDULE_OPTIONS,
	{ "name", 0, "NAME", NULL, "Its name." },
	{ "spots", 0, NULL, NULL, "Commercials in the breaks." },
	{ "bumpers", 0, NULL, NULL, "Bumpers around breaks." },
	{ "enable", 0, NULL, NULL, "On the air." },
	{ "disable", 0, NULL, NULL, "Off the air, and not in any guide." },
	{ NULL, 0, NULL, NULL, NULL },
};

/* ---- options ---- */

static int take_int(struct command_context *ctx, const char *name, int64_t min, int64_t max, int *value,
		    struct err *err)
{
	int64_t given;

	if (!command_text(ctx, name, NULL))
		return 0;
	if (command_int(ctx, name, min, max, *value, &given, err) < 0)
		return -(int)ERR_USAGE;
	*value = (int)given;
	return 0;
}

/* The folder as the store has it: as typed, or as an absolute path. */
static int take_root(struct command_context *ctx, struct arena *arena, const char **path, struct err *err)
{
	const char *typed = command_text(ctx, "root", NULL);
	CLEANUP(cleanup_free) char *absolute = typed && *typed ? command_path(ctx, typed) : NULL;
	struct root_list roots;
	size_t len;
	int rc;

	if (!typed)
		return 0;
	if (!*typed) {
		*path = NULL;
		return 0;
	}
	for (len = strlen(absolute); len > 1 && absolute[len - 1] == '/'; len--)
		absolute[len - 1] = '\0';
	db_lock(ctx->db);
	rc = roots_list(ctx->db, arena, &roots, err);
	db_unlock(ctx->db);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < roots.count; i++)
		if (strcmp(roots.roots[i].path, typed) == 0 || strcmp(roots.roots[i].path, absolute) == 0) {
			*path = roots.roots[i].path;
			return 0;
		}
	return err_set(err, ERR_NOT_FOUND,
		       "'%.200s' is none of the library's folders; see 'matinee root list'", typed);
}

static const char *take_text(struct command_context *ctx, const char *name, const char *old)
{
	const char *text = command_text(ctx, name, old);

	return text && *text ? text : NULL;
}

static int take_order(struct command_context *ctx, enum schedule_order *order)
{
	const char *text = command_text(ctx, "order", NULL);

	if (text)
		*order = strcasecmp(text, "loop") == 0	    ? SCHEDULE_LOOP
			 : strcasecmp(text, "shuffle") == 0 ? SCHEDULE_SHUFFLE
							    : SCHEDULE_ORDER;
	return 0;
}

static int take_rules(struct command_context *ctx, struct arena *arena, struct schedule_rules *rules,
		      struct err *err)
{
	struct filter filter;

	rules->query.kind = take_text(ctx, "kind", rules->query.kind);
	rules->query.show = take_text(ctx, "show", rules->query.show);
	rules->query.search = take_text(ctx, "search", rules->query.search);
	rules->spots_search = take_text(ctx, "spots-search", rules->spots_search);
	rules->rating_limit = take_text(ctx, "rating-limit", rules->rating_limit);
	take_order(ctx, &rules->order);
	if (command_switch(ctx, "no-spots"))
		rules->spots = false;
	else if (command_switch(ctx, "spots"))
		rules->spots = true;
	if (command_switch(ctx, "no-bumpers"))
		rules->bumpers = false;
	else if (command_switch(ctx, "bumpers"))
		rules->bumpers = true;
	if (take_int(ctx, "grid", 0, 1440, &rules->grid_minutes, err) < 0 ||
	    take_int(ctx, "loops", 0, 1000000, &rules->loops, err) < 0 ||
	    take_int(ctx, "break-every", 0, 86400, &rules->break_every_s, err) < 0 ||
	    take_int(ctx, "break-length", 0, 3600, &rules->break_length_s, err) < 0)
		return -(int)ERR_USAGE;
	if (filter_parse(rules->query.search, 0, arena, &filter, err) < 0 ||
	    filter_parse(rules->spots_search, 0, arena, &filter, err) < 0)
		return -(int)ERR_USAGE;
	if (rules->rating_limit && rating_age(rules->rating_limit) < 0)
		return err_set(err, ERR_USAGE, "--rating-limit takes a rating as PG-13 or TV-14, not '%.40s'", rules->rating_limit);
	return take_root(ctx, arena, &rules->query.root_path, err);
}

static int take_channel(struct command_context *ctx, struct channel *channel, struct err *err)
{
	channel->name = command_text(ctx, "name", channel->name);
	channel->description = command_text(ctx, "description", channel->description);
	channel->profile = command_text(ctx, "profile", channel->profile);
	channel->prepare = command_text(ctx, "prepare", channel->prepare);
	if (command_switch(ctx, "disable"))
		channel->enabled = false;
	else if (command_switch(ctx, "enable"))
		channel->enabled = true;
	if (take_int(ctx, "number", 1, 99999, &channel->number, err) < 0)
		return -(int)ERR_USAGE;
	return take_int(ctx, "hue", -1, 359, &channel->hue, err);
}

/* ---- showing ---- */

static json_t *rules_of(struct command_context *ctx, int64_t channel_id, struct arena *arena)
{
	const char *rules = NULL;
	int64_t seed;

	db_lock(ctx->db);
	schedules_get(ctx->db, channel_id, arena, &rules, &seed, NULL);
	db_unlock(ctx->db);
	return rules ? json_parse(rules, strlen(rules), NULL) : NULL;
}

static json_t *channel_json(struct command_context *ctx, const struct channel *c, struct arena *arena)
{
	json_t *json = json_object(), *rules = rules_of(ctx, c->id, arena);

	json_object_set_new(json, "id", json_integer(c->id));
	json_object_set_new(json, "number", json_integer(c->number));
	json_object_set_new(json, "name", json_string(c->name));
	json_object_set_new(json, "description", json_string(c->description));
	json_object_set_new(json, "hue", json_integer(c->hue));
	json_object_set_new(json, "enabled", json_boolean(c->enabled));
	json_object_set_new(json, "prepare", json_string(c->prepare));
	json_object_set_new(json, "profile", json_string(c->profile));
	json_object_set_new(json, "fps",
			    c->fps_num ? json_sprintf("%d/%d", c->fps_num, c->fps_den) : json_null());
	json_object_set_new(json, "generation", json_integer(c->generation));
	json_object_set_new(json, "stream", json_sprintf("/channel/%d.m3u8", c->number));
	json_object_set_new(json, "schedule", rules ? rules : json_null());
	return json;
}

static void print_json(struct command_context *ctx, const json_t *json, size_t flags)
{
	json_dumpf(json, ctx->out, flags | JSON_ENCODE_ANY);
	fputc('\n', ctx->out);
}

static const char *what_airs(const json_t *rules, struct arena *arena)
{
	static const char *const keys[] = { "kind", "show", "search", "root" };
	const json_t *query = json_object_get(rules, "query");
	char *text = arena_strdup(arena, "");

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *value = json_text(query, keys[i], "");

		if (*value)
			text = arena_printf(arena, "%s%s%s %s", text, *text ? ", " : "", keys[i], value);
	}
	return *text ? text : "everything";
}

/* After add and edit: the channel as it is now. */
static int report(struct command_context *ctx, int64_t id, const char *what, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct channel c;
	int rc;

	db_lock(ctx->db);
	rc = channels_get(ctx->db, id, &arena, &c, err);
	db_unlock(ctx->db);
	if (rc < 0)
		return rc;
	if (ctx->json) {
		CLEANUP(json_cleanup) json_t *json = channel_json(ctx, &c, &arena);

		print_json(ctx, json, JSON_COMPACT);
	} else if (!ctx->quiet) {
		fprintf(ctx->out, "channel %d '%s' %s: /channel/%d.m3u8\n", c.number, c.name, what, c.number);
	}
	return 0;
}

/* ---- commands ---- */

static const char *rules_text(const struct schedule_rules *rules, struct buf *to)
{
	CLEANUP(json_cleanup) json_t *json = schedule_json(rules);

	json_write(to, json);
	return buf_text(to);
}

static int add_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(station_args_free_time) struct station_time *time = station_args_time(ctx, err);
	struct channel channel = { .name = ctx->argv[0], .hue = -1, .enabled = true };
	struct schedule_rules rules = { .spots = true, .bumpers = true };
	int64_t id;

	if (!time || take_channel(ctx, &channel, err) < 0 || take_rules(ctx, &arena, &rules, err) < 0 ||
	    lineup_add(ctx->db, time, &channel, rules_text(&rules, &text), &id, err) < 0 ||
	    station_args_apply(ctx, time, id, err) < 0)
		return -(int)err->code;
	return report(ctx, id, "added", err);
}

static bool rules_given(struct command_context *ctx)
{
	static const char *const names[] = { "kind",	 "show",    "root",	   "search",	   "order",
					     "grid",	 "loops",   "break-every", "break-length", "spots",
					     "no-spots", "bumpers", "no-bumpers" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (command_text(ctx, names[i], NULL))
			return true;
	return false;
}

static int old_rules(struct command_context *ctx, int64_t channel_id, struct arena *arena,
		     struct schedule_rules *ret, struct err *err)
{
	const char *text = NULL;
	int64_t seed;

	*ret = (struct schedule_rules) { .spots = true, .bumpers = true };
	db_lock(ctx->db);
	schedules_get(ctx->db, channel_id, arena, &text, &seed, NULL);
	db_unlock(ctx->db);
	return text ? schedule_parse(text, arena, ret, err) : 0;
}

static int edit_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(station_args_free_time) struct station_time *time = station_args_time(ctx, err);
	struct schedule_rules rules;
	struct channel channel;

	if (!time || station_args_channel(ctx, ctx->argv[0], &arena, &channel, err) < 0 ||
	    take_channel(ctx, &channel, err) < 0 || old_rules(ctx, channel.id, &arena, &rules, err) < 0 ||
	    take_rules(ctx, &arena, &rules, err) < 0 ||
	    lineup_edit(ctx->db, time, &channel, rules_given(ctx) ? rules_text(&rules, &text) : NULL, err) <
		    0 ||
	    station_args_apply(ctx, time, channel.id, err) < 0)
		return -(int)err->code;
	return report(ctx, channel.id, "changed", err);
}

static int list_run(struct command_context *ctx, struct err *err)
{
	static const struct table_column columns[] = {
		{ "No.", "number", TABLE_NUMBER },    { "Channel", "name", TABLE_TEXT },
		{ "Shows", "shows", TABLE_TEXT },     { "Order", "order", TABLE_TEXT },
		{ "Grid", "grid", TABLE_NUMBER },     { "Profile", "profile", TABLE_TEXT },
		{ "Prepare", "prepare", TABLE_TEXT }, { "On", "enabled", TABLE_BOOL },
		{ NULL, NULL, TABLE_TEXT },
	};
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct channel_list list;
	struct table *table;

	if (channels_list(ctx->db, &arena, &list, err) < 0)
		return -(int)err->code;
	table = table_new(columns);
	for (size_t i = 0; i < list.count; i++) {
		const struct channel *c = &list.channels[i];
		CLEANUP(json_cleanup) json_t *rules = rules_of(ctx, c->id, &arena);

		table_add_int(table, c->number);
		table_add(table, c->name);
		table_add(table, what_airs(rules, &arena));
		table_add(table, json_text(rules, "order", "order"));
		table_add_int(table, json_int(rules, "grid", 0));
		table_add(table, c->profile);
		table_add(table, c->prepare);
		table_add_int(table, c->enabled);
	}
	table_print(table, ctx, (int64_t)list.count);
	table_free(table);
	return 0;
}

static int show_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *json = NULL;
	struct channel channel;

	if (station_args_channel(ctx, ctx->argv[0], &arena, &channel, err) < 0)
		return -(int)err->code;
	json = channel_json(ctx, &channel, &arena);
	print_json(ctx, json, ctx->json ? JSON_COMPACT : JSON_INDENT(2));
	return 0;
}

static int remove_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct channel channel;

	for (int i = 0; i < ctx->argc; i++) {
		if (station_args_channel(ctx, ctx->argv[i], &arena, &channel, err) < 0 ||
		    channels_remove(ctx->db, channel.id, err) < 0)
			return -(int)err->code;
		if (ctx->server && ctx->server->station_changed)
			ctx->server->station_changed(ctx->server->server, channel.id);
		if (!ctx->quiet && !ctx->json)
			fprintf(ctx->out, "channel %d '%s' removed\n", channel.number, channel.name);
	}
	return 0;
}

const struct command channel_add_command = {
	.name = "channel add",
	.args = "NAME",
	.help = "Make a channel of what the library has.\n"
		"Without --kind it shows films and episodes. 'matinee channel edit' takes the same options.",
	.needs = NEEDS_WRITE,
	.flags = COMMAND_FOUNDS,
	.min_args = 1,
	.max_args = 1,
	.options = add_options,
	.run = add_run,
};

const struct command channel_list_command = {
	.name = "channel list",
	.args = "",
	.help = "List the channels.",
	.needs = NEEDS_READ,
	.run = list_run,
};

const struct command channel_show_command = {
	.name = "channel show",
	.args = "CHANNEL",
	.help = "Show one channel, by number or name, with its schedule.",
	.needs = NEEDS_READ,
	.min_args = 1,
	.max_args = 1,
	.run = show_run,
};

const struct command channel_edit_command = {
	.name = "channel edit",
	.args = "CHANNEL",
	.help = "Change a channel; what is on within ten minutes stays, and no episode loses its turn.",
	.needs = NEEDS_WRITE,
	.min_args = 1,
	.max_args = 1,
	.options = edit_options,
	.run = edit_run,
};

const struct command channel_remove_command = {
	.name = "channel remove",
	.args = "CHANNEL [CHANNEL...]",
	.help = "Take channels off the air for good. No file is touched.",
	.needs = NEEDS_WRITE,
	.min_args = 1,
	.max_args = -1,
	.run = remove_run,
};
