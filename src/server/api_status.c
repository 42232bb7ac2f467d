/* api_status.c - GET /api/status: how the house is, in one answer. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "server/builder.h"
#include "server/encoders.h"
#include "server/handlers.h"
#include "server/library_thread.h"
#include "server/on_demand.h"
#include "server/parts.h"
#include "store/channels.h"
#include "store/house_events.h"
#include "store/items.h"
#include "store/overrides.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FAULTS_MAX 20
#define FAULTS_MS (INT64_C(24) * 3600 * 1000)

static json_t *time_json(int64_t ms)
{
	char text[40];

	return json_string(clock_format(text, sizeof(text), ms));
}

static json_t *cache_json(struct clip_cache *cache)
{
	struct clip_cache_totals totals = clip_cache_totals(cache);
	char why[CLIP_CACHE_WHY_SIZE];
	const char *state = clip_cache_refuses(cache, why) ? "unwritable" : totals.short_bytes ? "full" : "ok";

	if (strcmp(state, "full") == 0)
		snprintf(why, sizeof(why), "there is no room for %.0f MB of what airs next, and all else is needed sooner",
			 (double)totals.short_bytes / 1e6);

	return json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "state", state, "why",
			 json_from_path(why), "bytes", (json_int_t)totals.bytes, "limit",
			 (json_int_t)totals.limit, "segments", (json_int_t)totals.segments, "hits",
			 (json_int_t)totals.hits, "misses", (json_int_t)totals.misses, "evicted",
			 (json_int_t)totals.evicted, "write_errors", (json_int_t)totals.write_errors, "memory_bytes",
			 (json_int_t)totals.memory_bytes);
}

static json_t *speed_json(struct producer *producer)
{
	double speed = producer_speed(producer);

	return json_pack("{s:o, s:i}", "speed", speed > 0 ? json_real(speed) : json_null(), "effort_off",
			 producer_effort(producer));
}

/* Of this machine: processes that run or wait to, over the last 1, 5 and 15 minutes; null where that is not known. */
static json_t *load_json(void)
{
	double load[3];

	return getloadavg(load, 3) == 3 ? json_pack("[f, f, f]", load[0], load[1], load[2]) : json_null();
}

/* Of the zone this process lives in, now: what the log's times are in. */
static json_int_t utc_offset_s(void)
{
	time_t seconds = (time_t)(clock_wall_ms() / 1000);
	struct tm tm;

	return localtime_r(&seconds, &tm) ? (json_int_t)tm.tm_gmtoff : 0;
}

json_t *server_status_json(struct server *server, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_reader(server->store, err);
	CLEANUP(json_cleanup) json_t *library = db ? items_counts_json(db, err) : NULL;
	CLEANUP(json_cleanup) json_t *faults =
		db ? overrides_faults_json(db, clock_wall_ms() - FAULTS_MS, FAULTS_MAX, err) : NULL;
	CLEANUP(json_cleanup) json_t *notes = json_array();
	struct channel_list channels;
	json_t *status;

	if (!library || !faults || house_events_json(db, clock_wall_ms() - FAULTS_MS, FAULTS_MAX, faults, notes, err) < 0 ||
	    channels_list(db, &arena, &channels, err) < 0)
		return NULL;
	status = json_pack("{s:s, s:o, s:o, s:I, s:I, s:O, s:{s:I, s:i, s:I}, s:o, s:o, s:o, s:o, s:i, s:o, s:O, s:O}", "version",
			 MATINEE_VERSION, "now",
			 time_json(station_to_wall_ms(server->time, station_now_ns(server->time))), "started",
			 time_json(server->started_ms), "utc_offset_s", utc_offset_s(), "uptime_ms",
			 (json_int_t)((clock_boot_ns() - server->started_boot_ns) / CLOCK_MS), "library", library,
			 "channels", "total", (json_int_t)channels.count, "watched",
			 on_demand_channels(server->on_demand), "building",
			 (json_int_t)builder_due(server->builder), "workers", producer_workers(server->producer), "cache",
			 cache_json(server->cache), "encode", speed_json(server->producer), "load", load_json(), "viewers",
			 on_demand_viewers(server->on_demand, 0), "scan", library_thread_json(server->library), "faults",
			 faults, "notes", notes);
	if (status && server->encoders)
		encoders_status(server->encoders, status, faults);
	return status;
}

int api_status_get(struct http_request *req, struct err *err)
{
	json_t *status = server_status_json(req->server, err);

	return status ? http_answer_json(req, 200, status) : -(int)err->code;
}
