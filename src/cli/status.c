/* status.c - `matinee status`: how the house is. What a running server says (/api/status), else what the store and the cache
 * on the disk say. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/table.h"
#include "store/channels.h"
#include "store/items.h"
#include "stream/clip_cache.h"

#include <string.h>

#define MB 1e6

static json_t *cache_on_disk(struct command_context *ctx, struct err *err)
{
	CLEANUP(cleanup_free) char *dir = fs_join(store_dir(ctx->store), "cache");
	struct clip_cache *cache = clip_cache_open(dir, options_int(ctx->options, "cache.size"), err);
	struct clip_cache_totals totals;

	if (!cache)
		return NULL;
	totals = clip_cache_totals(cache);
	clip_cache_close(cache);
	return json_pack("{s:I, s:I, s:I}", "bytes", (json_int_t)totals.bytes, "limit", (json_int_t)totals.limit, "segments",
			 (json_int_t)totals.segments);
}

/* Without a server: "started" is null. */
static json_t *of_the_store(struct command_context *ctx, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *library = NULL;
	CLEANUP(json_cleanup) json_t *cache = cache_on_disk(ctx, err);
	struct channel_list channels;
	int rc = 0;

	if (!cache)
		return NULL;
	db_lock(ctx->db);
	library = items_counts_json(ctx->db, err);
	if (library)
		rc = channels_list(ctx->db, &arena, &channels, err);
	db_unlock(ctx->db);
	if (!library || rc < 0)
		return NULL;
	return json_pack("{s:s, s:n, s:O, s:{s:I}, s:O}", "version", MATINEE_VERSION, "started", "library", library, "channels",
			 "total", (json_int_t)channels.count, "cache", cache);
}

static void add(struct table *table, const char *what, const char *value)
{
	table_add(table, what);
	table_add(table, value);
}

static void add_cache(struct table *table, const json_t *cache)
{
	int64_t hits = json_int(cache, "hits", 0), asked = hits + json_int(cache, "misses", 0);

	table_add(table, "cache");
	table_addf(table, "%.0f of %.0f MB, %lld segments", (double)json_int(cache, "bytes", 0) / MB,
		   (double)json_int(cache, "limit", 0) / MB, (long long)json_int(cache, "segments", 0));
	if (!json_object_get(cache, "hits"))
		return;
	table_add(table, "cache hits");
	table_addf(table, "%lld of %lld", (long long)hits, (long long)asked);
	if (strcmp(json_text(cache, "state", "ok"), "ok") != 0) {
		table_add(table, "cache state");
		table_addf(table, "%s: %s", json_text(cache, "state", ""), json_text(cache, "why", ""));
	}
	table_add(table, "cache evicted");
	table_addf(table, "%lld", (long long)json_int(cache, "evicted", 0));
	table_add(table, "cache write errors");
	table_addf(table, "%lld, %.0f MB held in memory", (long long)json_int(cache, "write_errors", 0),
		   (double)json_int(cache, "memory_bytes", 0) / MB);
}

static void add_encode(struct table *table, const json_t *encode)
{
	static const char *const efforts[] = { "", ", with less effort", ", with less effort in a smaller picture" };
	double speed = json_number(encode, "speed", 0);
	int64_t effort = json_int(encode, "effort_off", 0);

	table_add(table, "encoding");
	if (speed > 0)
		table_addf(table, "%.1f x real time%s", speed,
			   efforts[effort >= 0 && effort < (int64_t)ARRAY_LEN(efforts) ? effort : 0]);
	else
		table_add(table, "nothing yet");
}

static void add_load(struct table *table, const json_t *load)
{
	if (json_array_size(load) != 3)
		return;
	table_add(table, "load");
	table_addf(table, "%.2f %.2f %.2f", json_number_value(json_array_get(load, 0)), json_number_value(json_array_get(load, 1)),
		   json_number_value(json_array_get(load, 2)));
}

static void add_encoders(struct table *table, const json_t *status)
{
	const json_t *list = json_object_get(status, "encoders");

	add(table, "encoder", json_text(status, "encoder", ""));
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *why = json_text(one, "why", "");

		table_add(table, json_text(one, "name", ""));
		table_addf(table, "%s%s%s", json_text(one, "state", ""), *why ? ": " : "", why);
	}
}

/* "2026-11-20T20:31:05.000Z channel 3: 'film.mkv': ... (12 times since 2026-11-20T19:31:05.000Z)" */
static void add_events(struct table *table, const char *what, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		int64_t count = json_int(one, "count", 1);
		char where[40] = "", often[80] = "";

		if (json_is_integer(json_object_get(one, "channel")))
			snprintf(where, sizeof(where), "channel %lld: ", (long long)json_int(one, "channel", 0));
		if (count > 1)
			snprintf(often, sizeof(often), " (%lld times since %s)", (long long)count, json_text(one, "first", ""));
		table_add(table, what);
		table_addf(table, "%s %s%s%s", json_text(one, "at", ""), where, json_text(one, "reason", ""), often);
	}
}

static void add_server(struct table *table, const json_t *status)
{
	const json_t *channels = json_object_get(status, "channels"), *workers = json_object_get(status, "workers");
	char since[24];

	table_add(table, "up for");
	table_add(table, clock_format_duration(since, sizeof(since), json_int(status, "uptime_ms", 0)));
	table_add(table, "watched");
	table_addf(table, "%lld channels, %lld viewers", (long long)json_int(channels, "watched", 0),
		   (long long)json_int(status, "viewers", 0));
	add_encode(table, json_object_get(status, "encode"));
	add_load(table, json_object_get(status, "load"));
	for (size_t i = 0; i < json_array_size(workers); i++) {
		const json_t *one = json_array_get(workers, i);

		table_add(table, "worker");
		table_addf(table, "%s %s", json_text(one, "job", ""), json_text(one, "detail", ""));
	}
	add_encoders(table, status);
	add_events(table, "fault", json_object_get(status, "faults"));
	add_events(table, "note", json_object_get(status, "notes"));
}

static void print_table(struct command_context *ctx, const json_t *status)
{
	static const struct table_column columns[] = {
		{ "What", "what", TABLE_TEXT }, { "How", "how", TABLE_TEXT }, { NULL, NULL, TABLE_TEXT },
	};
	const json_t *library = json_object_get(status, "library");
	struct table *table = table_new(columns);
	bool running = !json_is_null(json_object_get(status, "started"));

	add(table, "version", json_text(status, "version", ""));
	add(table, "server", running ? "running" : "not running");
	table_add(table, "library");
	table_addf(table, "%lld items, %lld files, %lld missing, %lld failed", (long long)json_int(library, "items", 0),
		   (long long)json_int(library, "files", 0), (long long)json_int(library, "missing", 0),
		   (long long)json_int(library, "failed", 0));
	table_add(table, "channels");
	table_addf(table, "%lld", (long long)json_int(json_object_get(status, "channels"), "total", 0));
	add_cache(table, json_object_get(status, "cache"));
	if (running)
		add_server(table, status);
	table_print(table, ctx, 0);
	table_free(table);
}

static int status_run(struct command_context *ctx, struct err *err)
{
	CLEANUP(json_cleanup) json_t *status = ctx->server && ctx->server->status ?
						       ctx->server->status(ctx->server->server, err) :
						       of_the_store(ctx, err);

	if (!status)
		return -(int)err->code;
	if (ctx->json)
		table_print_json(ctx, status);
	else
		print_table(ctx, status);
	return 0;
}

const struct command status_command = {
	.name = "status",
	.args = "",
	.help = "How the house is: library, channels, viewers, encoding, the cache, what went wrong in the last day.\n"
		"Asks the server when one runs.",
	.needs = NEEDS_WRITE, /* so that it is sent to the server */
	.run = status_run,
};
